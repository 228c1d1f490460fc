"""The bell of the bus: tasks that look by themselves now and then, and at once after certain news."""

import asyncio
import threading

from tapal_server.events import Bus, CommandIssued, EventsStored
from tests.support.patience import PATIENCE_S

LONG = 60.0


def stored(event: object) -> bool:
    return isinstance(event, EventsStored)


async def woken(bell, *, longest_s=LONG):
    """Whether it rang before the test lost patience."""
    try:
        async with asyncio.timeout(PATIENCE_S):
            await bell.wait(longest_s)
    except TimeoutError:
        return False
    return True


def test_what_was_asked_for_rings_from_any_thread():
    async def story():
        bus = Bus()
        with bus.bell(stored) as bell:
            waiting = asyncio.create_task(woken(bell))
            thread = threading.Thread(target=bus.publish, args=(EventsStored(count=1),))
            thread.start()
            assert await waiting
            await asyncio.to_thread(thread.join)

    asyncio.run(story())


def test_what_rang_while_somebody_was_at_work_is_not_missed():
    async def story():
        bus = Bus()
        with bus.bell(stored) as bell:
            await bell.wait(0)
            bus.publish(EventsStored(count=1))
            assert await woken(bell)

    asyncio.run(story())


def test_many_rings_are_one_and_heard_once():
    async def story():
        bus = Bus()
        with bus.bell(stored) as bell:
            bus.publish(*(EventsStored(count=1) for _ in range(100)))
            assert await woken(bell)
            waiting = asyncio.create_task(bell.wait(LONG))
            done, _ = await asyncio.wait([waiting], timeout=0.1)
            assert not done, "the hundred rings woke it a second time"
            waiting.cancel()

    asyncio.run(story())


def test_other_news_do_not_ring_and_a_wait_ends_by_itself():
    async def story():
        bus = Bus()
        with bus.bell(stored) as bell:
            bus.publish(CommandIssued(command_id="c", node="n"))
            waiting = asyncio.create_task(bell.wait(LONG))
            done, _ = await asyncio.wait([waiting], timeout=0.1)
            assert not done
            waiting.cancel()
            assert await woken(bell, longest_s=0.01)

    asyncio.run(story())


def test_who_stopped_listening_is_not_called():
    async def story():
        bus = Bus()
        with bus.bell(stored):
            pass
        return bus

    bus = asyncio.run(story())
    bus.publish(EventsStored(count=1))  # the loop it rang in is closed: nothing is left that could fail
    assert not bus._listeners
