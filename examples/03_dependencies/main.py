"""요청은 의존성으로 받은 세션을 쓰고, 태스크는 자기 세션을 엽니다."""

from collections.abc import Iterator
from contextlib import closing
from typing import Annotated

from fastapi import BackgroundTasks, Depends, FastAPI, HTTPException, Path, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse

from database import Database

app = FastAPI()


def get_db() -> Iterator[Database]:
    """요청마다 세션을 하나 열고, 요청이 끝나면 닫습니다."""
    with closing(Database()) as db:
        yield db


ItemId = Annotated[int, Path(ge=-(2**63), lt=2**63)]  # SQLite의 정수는 64비트입니다.
RequestDatabase = Annotated[Database, Depends(get_db)]


def process_item(item_id: int) -> None:
    """요청의 세션은 언제 닫힐지 모르므로, 새 세션을 열어 처리합니다."""
    with closing(Database()) as db:
        db.process_item(item_id)


@app.post("/items/{item_id}")
def create_item(
    item_id: ItemId, background_tasks: BackgroundTasks, db: RequestDatabase
) -> dict[str, str]:
    """아이템을 커밋한 뒤에 처리 태스크를 등록합니다."""
    db.save_status(item_id, "처리 중")
    background_tasks.add_task(process_item, item_id)
    return {"message": "아이템 처리가 시작되었습니다"}


@app.get("/items/{item_id}", responses={404: {"description": "없는 아이템"}})
def read_item(item_id: ItemId, db: RequestDatabase) -> dict[str, int | str]:
    """아이템의 처리 상태를 조회합니다."""
    status = db.find_status(item_id)
    if status is None:
        raise HTTPException(404, f"{item_id}번 아이템이 없습니다. 먼저 POST로 만드세요")
    return {"item_id": item_id, "status": status}


@app.exception_handler(RequestValidationError)
async def explain_invalid_item_id(request: Request, error: RequestValidationError) -> JSONResponse:
    """잘못된 번호에는 무엇을 고칠지 한국어로 답합니다."""
    message = "아이템 번호에는 -2^63 이상 2^63 미만의 정수를 적으세요. 예: /items/1"
    detail = [{"loc": e["loc"], "type": e["type"], "msg": message} for e in error.errors()]
    return JSONResponse({"detail": detail}, status_code=422)
