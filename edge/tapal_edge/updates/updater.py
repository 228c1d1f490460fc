"""Carries out changes of the model: fetch, verify, try, switch, watch, and go back when the new one is worse."""

import contextlib
import logging
import queue
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from tapal_contract.errors import TapalError
from tapal_contract.updates import ModelBounds, ModelHealth, ModelOffer, ModelState
from tapal_edge.updates.comparing import Verdict
from tapal_edge.updates.fetching import CancelledError, fetch
from tapal_edge.updates.shelf import InUse, Place, Shelf
from tapal_edge.updates.switching import Model, SwitchingDetector, Trial

log = logging.getLogger(__name__)

ENDS_WITHIN_S = 5.0
Load = Callable[[Path | None], Model]
"""Opens a model file; None is the configured one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """Whose bundles are used, and where they are fetched."""

    key: Path | None = None
    server: str | None = None
    tls: ssl.SSLContext | None = None


@dataclass(frozen=True, slots=True)
class _Doing:
    """What goes on."""

    state: ModelState = "steady"
    candidate: str | None = None
    sha256: str = ""
    fetched: float | None = None
    detail: str = ""


class Updater:
    """One worker thread; the analyst's thread is asked for nothing but to take another model with its next frame."""

    def __init__(
        self,
        shelf: Shelf,
        detector: SwitchingDetector,
        *,
        load: Load,
        trust: Trust,
        on_change: Callable[[], None] | None = None,
    ) -> None:
        self._shelf = shelf
        self._detector = detector
        self._load = load
        self._trust = trust
        self.on_change = on_change or (lambda: None)
        self._jobs: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._in_use = shelf.read()
        self._doing = _Doing()
        if self._in_use.failed:
            self._doing = _Doing("failed", self._in_use.failed, detail=self._in_use.detail)
        self._unwanted = threading.Event()

    @contextlib.contextmanager
    def running(self) -> Iterator["Updater"]:
        """Work for the length of the block; a change that was not proven when the node ended is watched on."""
        worker = threading.Thread(target=self._work, name="models", daemon=True)
        worker.start()
        if not self._in_use.proven:
            self._jobs.put(self._watch_on)
        try:
            yield self
        finally:
            self._unwanted.set()
            self._detector.begin(None)
            self._jobs.put(None)
            worker.join(ENDS_WITHIN_S)  # a server that does not answer must not hold the node

    def use(self, offer: ModelOffer) -> None:
        """Begin to change to another model; that it is under way or in use already is no fault.

        Raises:
            TapalError: this node trusts nobody's models, or is busy with another.
        """
        if self._trust.key is None:
            raise TapalError("this node trusts nobody's models: add updates: {key_file: FILE.pub} to its configuration")
        with self._lock:
            doing = self._doing
            if doing.sha256 == offer.sha256 and doing.state in {"fetching", "shadow", "watching"}:
                return
            if doing.state == "watching":
                raise TapalError(f"{doing.candidate} is still watched: wait for that, or use the model before it again")
            if self._in_use.active.title == offer.title:
                self._doing = _Doing()
                return
            self._doing = _Doing("fetching", offer.title, offer.sha256, 0.0)
            self._unwanted.set()  # whatever was fetched or tried before
            self._unwanted = unwanted = threading.Event()
        self._detector.begin(None)
        self._jobs.put(lambda: self._take(offer, unwanted))
        self.on_change()

    def back(self) -> None:
        """Drop a change that is under way, else use the model before this one again.

        Raises:
            TapalError: there is none.
        """
        with self._lock:
            self._unwanted.set()
            if self._doing.state in {"fetching", "shadow"}:
                self._detector.begin(None)
                self._doing = _Doing(detail=f"{self._doing.candidate} was dropped as the office asked")
                return
            if self._in_use.previous is None:
                raise TapalError(f"there is no model before {self._detector.title} here")
        self._jobs.put(lambda: self._go_back("", "the office asked for the model before it"))

    def health(self) -> ModelHealth:
        """How it stands."""
        with self._lock:
            doing, previous, trial = self._doing, self._in_use.previous, self._detector.trial
            found = trial.comparison if trial is not None else None
        return ModelHealth(
            active=self._detector.title,
            state=doing.state,
            candidate=doing.candidate,
            previous=None if previous is None else previous.title or "configured",
            fetched=doing.fetched,
            frames=found.frames if found else 0,
            agreement=_rounded(found.agreement) if found else None,
            counts=_rounded(found.counts) if found else None,
            latency=_rounded(found.latency) if found else None,
            detail=doing.detail[:500],
        )

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            try:
                job()
            except CancelledError:
                log.info("a change of the model was overtaken by another")
            except TapalError as error:
                self._failed(str(error))
            except Exception as error:  # the node counts on with the model it has
                log.exception("a change of the model failed")
                self._failed(f"unexpected: {error}")

    def _take(self, offer: ModelOffer, unwanted: threading.Event) -> None:
        trust = self._trust
        if unwanted.is_set() or trust.key is None:
            return
        fetched = fetch(
            offer,
            self._shelf.folder,
            server=trust.server,
            tls=trust.tls,
            tick=lambda have, total: self._note(fetched=round(have / total, 3)),
            wait=unwanted.wait,
        )
        place = self._shelf.put(fetched, offer, trust.key)
        candidate = self._load(self._shelf.file_of(place))
        if unwanted.is_set():
            return

        def judged(verdict: Verdict, why: str) -> None:
            self._jobs.put(lambda: self._shadow_ended(candidate, place, offer.bounds, verdict, why, unwanted))

        log.info("%s looks on beside %s", offer.title, self._detector.title)
        self._note(state="shadow", fetched=None)
        self._detector.begin(Trial.shadow(candidate, offer.title, offer.bounds, judged))
        self.on_change()

    def _shadow_ended(  # noqa: PLR0917 - one caller
        self,
        candidate: Model,
        place: Place,
        bounds: ModelBounds,
        verdict: Verdict,
        why: str,
        unwanted: threading.Event,
    ) -> None:
        if unwanted.is_set():
            return
        if verdict == "bad":
            self._detector.begin(None)
            self._failed(why)
            return
        before = self._in_use
        self._keep(
            InUse(
                active=place,
                previous=before.active,
                earlier=before.previous,
                proven=False,
                starts=1,
                bounds=bounds,
            )
        )
        log.info("switching from %s to %s", self._detector.title, place.title)
        trial = Trial.watch(self._detector.model, self._detector.title, bounds, self._judged_watch(place.title))
        self._note(state="watching", candidate=place.title)
        self._detector.switch(candidate, place.title, trial)
        self.on_change()

    def _watch_on(self) -> None:
        """Go on watching what was not proven when the node ended."""
        in_use = self._in_use
        assert in_use.previous is not None, "what is not proven has a way back"
        previous = self._load(self._shelf.require_intact(in_use.previous))
        self._note(state="watching", candidate=in_use.active.title)
        before = in_use.previous.title or previous.name_version
        self._detector.begin(Trial.watch(previous, before, in_use.bounds, self._judged_watch(in_use.active.title)))
        self.on_change()

    def _judged_watch(self, title: str) -> Callable[[Verdict, str], None]:
        return lambda verdict, why: self._jobs.put(lambda: self._watch_ended(title, verdict, why))

    def _watch_ended(self, title: str, verdict: Verdict, why: str) -> None:
        if self._in_use.active.title != title or self._in_use.proven:
            return  # the office was quicker
        if verdict == "bad":
            self._go_back(title, why)
            return
        self._detector.begin(None)
        self._keep(InUse(active=self._in_use.active, previous=self._in_use.previous))
        self._set(_Doing())
        log.info("%s has proven itself", title)
        self.on_change()

    def _go_back(self, failed: str, why: str) -> None:
        previous = self._in_use.previous
        if previous is None:
            return
        trial = self._detector.trial
        ready = trial.beside if trial is not None and trial.on_trial == "in use" else None
        model = ready or self._load(self._shelf.require_intact(previous))
        log.warning("going back from %s: %s", self._detector.title, why)
        self._detector.switch(model, previous.title or model.name_version)
        self._keep(self._in_use.back(failed, why))
        self._set(_Doing("failed", failed, detail=why) if failed else _Doing(detail=why))
        self.on_change()

    def _failed(self, why: str) -> None:
        """Nothing came of it; the model in use stays."""
        log.warning("%s is not used: %s", self._doing.candidate, why)
        self._keep(replace_failure(self._in_use, self._doing.candidate or "", why))
        self._set(_Doing("failed", self._doing.candidate, detail=why))
        self.on_change()

    def _keep(self, in_use: InUse) -> None:
        self._shelf.write(in_use)
        with self._lock:
            self._in_use = in_use

    def _set(self, doing: _Doing) -> None:
        with self._lock:
            self._doing = doing

    def _note(
        self, *, state: ModelState | None = None, candidate: str | None = None, fetched: float | None = None
    ) -> None:
        with self._lock:
            doing = self._doing
            self._doing = replace(
                doing, state=state or doing.state, candidate=candidate or doing.candidate, fetched=fetched
            )


def replace_failure(in_use: InUse, failed: str, why: str) -> InUse:
    """The same models in use, and what failed last."""
    return in_use.model_copy(update={"failed": failed, "detail": why[:500]})


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)
