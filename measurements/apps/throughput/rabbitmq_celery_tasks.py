"""RabbitMQ를 쓰는 Celery 앱."""

import os

from celery_tasks import app, publish

__all__ = ["app", "publish"]
app.conf.update(broker_url=os.environ.get("RABBITMQ_URL", "amqp://guest:guest@127.0.0.1//"))
