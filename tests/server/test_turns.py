"""Who writes next to a database that takes one writer at a time."""

import gc
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from tapal_server import pauses
from tapal_server.db.database import Database
from tapal_server.db.turns import Turns
from tests.support.patience import PATIENCE_S


def wait_for(turns: Turns, waiting: int) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while len(turns._waiting) != waiting:
        assert time.monotonic() < deadline
        time.sleep(0.001)


def test_turns_are_taken_in_the_order_in_which_they_were_asked_for():
    turns, taken = Turns(), []

    def take(name: str) -> None:
        with turns.one(PATIENCE_S):
            taken.append(name)

    with ThreadPoolExecutor(3) as pool:
        with turns.one(PATIENCE_S):
            for number, name in enumerate(("first", "second", "third")):
                pool.submit(take, name)
                wait_for(turns, number + 1)
        take("who had it before")
    assert taken == ["first", "second", "third", "who had it before"]


def test_who_has_waited_long_enough_goes_on_and_no_turn_is_lost():
    turns = Turns()
    with turns.one(PATIENCE_S), turns.one(0.001):
        assert not turns._waiting
    assert not turns._taken


def test_a_turn_ends_with_what_was_raised_in_it():
    turns = Turns()
    with pytest.raises(ValueError, match="no room"), turns.one(PATIENCE_S):
        raise ValueError("no room")
    assert not turns._taken


def test_who_writes_again_and_again_lets_others_write_in_between(tmp_path):
    database = Database(f"sqlite:///{tmp_path / 'tapal.sqlite3'}")
    with database.write() as session:
        session.execute(text("CREATE TABLE written (who text)"))

    def write(who: str) -> None:
        with database.write() as session:
            session.execute(text("INSERT INTO written VALUES (:who)"), {"who": who})

    with ThreadPoolExecutor(1) as pool:
        with database.write() as session:
            session.execute(text("INSERT INTO written VALUES ('busy')"))
            pool.submit(write, "patient")
            wait_for(database._turns, 1)
        for _ in range(3):
            write("busy")
    with database.read() as session:
        assert session.scalars(text("SELECT who FROM written ORDER BY rowid")).all()[:2] == ["busy", "patient"]
    database.close()


def test_what_is_set_aside_is_passed_over_and_let_go_all_the_same(monkeypatch):
    monkeypatch.setattr(gc, "collect", lambda: 0)  # all of the test run's objects would be walked over
    before = gc.get_threshold()
    try:
        pauses.set_aside()
        assert gc.get_freeze_count() > 0
        assert gc.get_threshold() == (*before[:2], 100), "what comes later is walked over seldom"
    finally:
        gc.unfreeze()
        gc.set_threshold(*before)
