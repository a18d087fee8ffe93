"""Executors for batches of tests; this module is imported in a batch's child, whose folder says where a cluster is."""

from __future__ import annotations

import os
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context


def threads() -> Executor:
    """Return one of threads."""
    return ThreadPoolExecutor(2)


def processes() -> Executor:
    """Return one of two processes."""
    return ProcessPoolExecutor(2, mp_context=get_context("spawn"))


def dask() -> Executor:
    """Return that of a Dask cluster, whose address the environment has; pure, as it is unless told otherwise."""
    from distributed import Client

    return Client(os.environ["TESTS_DASK"], set_as_default=False).get_executor()


def nothing() -> object:
    """Return none."""
    return object()
