from conftest import Serve, StartWorker
from harness.services import Valkey
from test_04_worker_lost import FAST, SOON_REDELIVERED, WORKER, status_of, submit, wait_for_status


def test_x(serve: Serve, start_worker: StartWorker, valkey: Valkey) -> None:
    server = serve("04_celery/main")
    worker = start_worker(WORKER, {"STEP_SECONDS": "1"})
    task_id = submit(server)
    wait_for_status(server, task_id, "PROGRESS")

    valkey.process.kill()
    worker.wait_for_line("Trying again in")
    valkey.start()

    wait_for_status(server, task_id, "FAILURE")
    print(server.client.get(f"/task-status/{task_id}").json())
    print(valkey.client.keys("*"), valkey.client.hgetall("unacked"), valkey.client.hgetall("processed"))
