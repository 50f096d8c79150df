"""typer가 만드는 도움말을 한국어로 바꿉니다. `App`에 더한 명령은 모두 그렇게 됩니다."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperCommand, TyperGroup

if TYPE_CHECKING:
    Base = TyperCommand
else:
    Base = object

OPTIONS = "[옵션]"
PANELS = {
    "ARGUMENTS_PANEL_TITLE": "인자",
    "OPTIONS_PANEL_TITLE": "옵션",
    "COMMANDS_PANEL_TITLE": "명령",
    "DEFAULT_STRING": "[기본값: {}]",
    "REQUIRED_LONG_STRING": "[꼭 필요함]",
}
"""typer.rich_utils에 있는 글의 이름과, 대신 보여 줄 글입니다."""


class InKorean(Base):
    """도움말의 틀에 적힌 영어를 바꿉니다. 명령과 명령의 모음에 섞어 씁니다."""

    def format_usage(self, ctx: Any, formatter: Any) -> None:
        pieces = " ".join(self.collect_usage_pieces(ctx))
        formatter.write_usage(f"uv run {ctx.command_path}", pieces, prefix="쓰는 법: ")

    def get_help_option(self, ctx: Any) -> Any:
        option = super().get_help_option(ctx)
        if option is not None:
            option.help = "이 도움말 보기"
        return option

    def format_help(self, ctx: Any, formatter: Any) -> None:
        from typer import rich_utils  # 임포트에 시간이 들어, 도움말을 볼 때에만 합니다.

        for name, text in PANELS.items():
            setattr(rich_utils, name, text)
        super().format_help(ctx, formatter)


class CommandInKorean(InKorean, TyperCommand):
    """명령 하나입니다."""


class GroupInKorean(InKorean, TyperGroup):
    """명령의 모음입니다."""


class App(typer.Typer):
    """도움말이 모두 한국어인 명령의 모음입니다."""

    def __init__(self, **options: Any) -> None:
        options |= {"options_metavar": OPTIONS, "subcommand_metavar": "명령 [인자]..."}
        super().__init__(add_completion=False, cls=GroupInKorean, **options)

    def command(self, name: str | None = None, **options: Any) -> Callable[[Any], Any]:
        return super().command(name, cls=CommandInKorean, options_metavar=OPTIONS, **options)
