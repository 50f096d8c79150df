"""웹과 컨슈머가 함께 아는 것: 어디에(토픽), 어떤 모양으로(이벤트) 적는가."""

import os
from typing import Literal
from uuid import uuid4

from pydantic import BaseModel, EmailStr, Field

KAFKA_BOOTSTRAP_SERVERS = os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:9092")
TOPIC = os.environ.get("USER_CREATED_TOPIC", "user.created")


def new_id() -> str:
    return str(uuid4())


class UserCreated(BaseModel):
    """사용자가 가입했다는 사실입니다. 한번 적으면 고치지 않습니다."""

    type: Literal["user.created"] = "user.created"
    event_id: str = Field(default_factory=new_id)
    user_id: str = Field(default_factory=new_id)
    name: str
    email: EmailStr
