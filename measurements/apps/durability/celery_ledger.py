"""04 예제의 워커를 그대로 실행합니다. 장부만 파일로 바꿉니다."""

from importlib import import_module

import effects
from celery import current_task

celery_worker = import_module("celery_worker")
celery_worker.ledger = effects.Ledger(lambda: current_task.request.args[0]["number"])
celery_app = celery_worker.celery_app
