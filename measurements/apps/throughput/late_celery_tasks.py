"""04 예제처럼, 태스크가 끝난 뒤에 확인 응답을 하는 Celery 앱."""

from celery_tasks import app, publish

__all__ = ["app", "publish"]
app.conf.update(task_acks_late=True, task_reject_on_worker_lost=True)
