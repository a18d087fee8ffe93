"""What one writes with Celery: a task for each chunk. `celery -A celery_tasks worker`, with two variables.

The broker is a folder, for a benchmark brings no server. It takes a message away when a worker gets it, so what a
killed worker had is lost; Redis and RabbitMQ give it to another one again, who does it a second time where it was
committed.
"""

from __future__ import annotations

import os
from pathlib import Path

import sqlalchemy as sa
from celery import Celery

QUEUE = Path(os.environ["BENCHMARK_QUEUE"])
CHANGE = sa.text("UPDATE item SET changed = changed + 1 WHERE id BETWEEN :first AND :last")

app = Celery("benchmark", broker="filesystem://")
app.conf.update(
    broker_transport_options={
        "data_folder_in": str(QUEUE), "data_folder_out": str(QUEUE), "control_folder": str(QUEUE.parent / "control"),
    },
    task_acks_late=True,
    task_ignore_result=True,
    worker_prefetch_multiplier=1,
    worker_hijack_root_logger=False,
)  # fmt: skip
engine = sa.create_engine(os.environ["BENCHMARK_URL"])


@app.task(name="change")
def change(first: int, last: int) -> None:
    """Change a chunk."""
    with engine.begin() as db:
        db.execute(CHANGE, {"first": first, "last": last})
