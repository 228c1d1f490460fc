"""The demo's MQTT broker: amqtt inside the demo's own process, on loopback only."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from amqtt.broker import Broker
from amqtt.errors import BrokerError

from tapal_contract.errors import TapalError


@asynccontextmanager
async def embedded_broker(port: int) -> AsyncIterator[None]:
    """Serve MQTT 3.1.1 on a loopback port until the block ends.

    Raises:
        TapalError: the port is taken.
    """
    logging.getLogger("amqtt").setLevel(logging.ERROR)
    logging.getLogger("transitions").setLevel(logging.ERROR)
    broker = Broker(
        {
            "listeners": {"default": {"type": "tcp", "bind": f"127.0.0.1:{port}", "max_connections": 50}},
            "plugins": {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}},
        }
    )
    try:
        await broker.start()
    except (BrokerError, OSError) as error:
        raise TapalError(f"the broker cannot listen on 127.0.0.1:{port} ({error}); is the port taken?") from error
    try:
        yield
    finally:
        await broker.shutdown()
