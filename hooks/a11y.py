"""테마가 빠뜨린 접근성 이름을 빌드한 HTML에 채웁니다."""

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.pages import Page

SEARCH = '<div class="md-search" data-md-component="search" role="dialog"'


def named(html: str) -> str:
    """검색 대화 상자에 이름을 답니다."""
    return html.replace(f"{SEARCH}>", f'{SEARCH} aria-label="검색">')


def on_post_page(output: str, page: Page, config: MkDocsConfig) -> str:
    """mkdocs가 페이지마다 부릅니다."""
    return named(output)


def on_post_template(output_content: str, template_name: str, config: MkDocsConfig) -> str:
    """404 페이지는 페이지(page)가 아니라 틀(template)이라 따로 고칩니다."""
    return named(output_content) if template_name.endswith(".html") else output_content
