"""RabbitMQ를 쓰는 Celery 앱."""

import json
import os

from amqp import Message
from celery_tasks import app, client, publish

__all__ = ["app", "fill", "publish"]
app.conf.update(broker_url=os.environ.get("RABBITMQ_URL", "amqp://guest:guest@127.0.0.1//"))


def fill(url: str, queue: str, task: str, count: int) -> None:
    """Celery가 만드는 메시지 하나를 되풀이해 보내어 채웁니다."""
    sender = client(url)
    headers, properties, body, _ = sender.amqp.as_task_v2("filled", task, (queue,))
    with sender.connection_for_write() as connection:
        message = Message(
            json.dumps(body),
            application_headers=headers,
            content_type="application/json",
            content_encoding="utf-8",
            delivery_mode=2,
            **properties,
        )
        channel = connection.default_channel
        for _ in range(count):
            channel.basic_publish(message, exchange="", routing_key=queue)
