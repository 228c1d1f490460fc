"""The review over the API: pictures to label, for the console's page and for whoever builds datasets."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from pydantic import AwareDatetime, Field

from tapal_contract.ids import NAME_PATTERN
from tapal_server.api.access import ActorOf, PagingOf, ServicesOf
from tapal_server.api.bodies import ID_PATTERN, Id, Since, Strict
from tapal_server.api.listing import Listing
from tapal_server.api.problems import PROBLEMS
from tapal_server.models.propagating import ReviewBox
from tapal_server.models.review import LABELS, ReviewDetail, ReviewView

__all__ = ["router"]

router = APIRouter(tags=["review"], responses=PROBLEMS)

Share = Annotated[float, Field(ge=0, le=1)]
Name = Annotated[str, Field(pattern=NAME_PATTERN)]
StateQuery = Annotated[Literal["open", "done", "skipped", "all"], Query()]
OrderQuery = Annotated[Literal["uncertain", "newest"], Query(description="uncertain: where most is learned, first.")]


class Box(Strict):
    """A box, as shares of the picture."""

    label: str = Field(max_length=32, examples=[LABELS[0]])
    x1: Share = Field(examples=[0.1])
    y1: Share = Field(examples=[0.2])
    x2: Share = Field(examples=[0.3])
    y2: Share = Field(examples=[0.9])


class Labels(Strict):
    """What is in a picture."""

    boxes: tuple[Box, ...] = Field(max_length=500)
    negative: bool = Field(
        default=False, description="Nothing that the labels name is in it, though the edge thought so."
    )
    expected_version: int | None = Field(None, examples=[1])


class Missed(Strict):
    """A crossing that nobody counted."""

    node: Name = Field(examples=["nunukan-01"])
    camera: Name = Field(examples=["gate-1"])
    at: AwareDatetime = Field(examples=["2026-03-02T06:00:00+08:00"])
    note: str = Field("", max_length=1000, pattern=r"^[^\x00]*$", examples=["two people behind the truck"])


class Score(Strict):
    """How far two models disagree on a picture: 0 not at all, 1 one is sure of what the other does not see."""

    id: str = Field(pattern=ID_PATTERN, examples=["0198a5f2-7c1e-7c3a-9d52-3f6b1c2d4e5f"])
    disagreement: Share = Field(examples=[0.7])


class Scores(Strict):
    """Disagreement on pictures of the review."""

    between: str = Field(min_length=1, max_length=200, pattern=r"^[^\x00]*$", examples=["default@1 and teacher"])
    scores: tuple[Score, ...] = Field(max_length=500)


class Noted(Strict):
    """How many of the pictures are still there."""

    pictures: int = Field(examples=[1])


class Deleted(Strict):
    """Events whose pictures must be forgotten."""

    events: tuple[str, ...]


@router.get("/review")
def list_pictures(
    actor: ActorOf, services: ServicesOf, paging: PagingOf, state: StateQuery = "open", order: OrderQuery = "uncertain"
) -> Listing[ReviewView]:
    """Pictures that wait for a person, or that one has looked at."""
    return Listing.of(services.review.page(actor, paging, state=state, order=order))


@router.post("/review/missed", status_code=201)
def report_missed(body: Missed, actor: ActorOf, services: ServicesOf) -> list[ReviewView]:
    """Report a crossing that was not counted; the pictures around it are queued."""
    return list(services.review.report_missed(actor, body.node, body.camera, body.at, body.note))


@router.post("/review/disagreement")
def note_disagreement(body: Scores, actor: ActorOf, services: ServicesOf) -> Noted:
    """Put those pictures first on which two models disagree: `tapal dataset review-rank` sends this."""
    scores = {one.id: one.disagreement for one in body.scores}
    return Noted(pictures=services.review.disagree(actor, scores, body.between))


@router.get("/review/deleted")
def list_deleted(since: Since, actor: ActorOf, services: ServicesOf) -> Deleted:
    """What datasets must forget: `tapal dataset forget --server` asks this."""
    return Deleted(events=services.review.deleted(actor, since))


@router.get("/review/{review_id}")
def get_picture(review_id: Id, actor: ActorOf, services: ServicesOf) -> ReviewDetail:
    """One picture's boxes: what the edge saw, and what a person made of it."""
    return services.review.get(actor, review_id)


@router.get("/review/{review_id}/picture", response_class=Response, responses={200: {"content": {"image/jpeg": {}}}})
def get_jpeg(review_id: Id, actor: ActorOf, services: ServicesOf) -> Response:
    """The picture itself; that it is looked at is audited."""
    jpeg = services.review.picture(actor, review_id)
    return Response(jpeg, media_type="image/jpeg", headers={"Cache-Control": "private, no-store"})


@router.put("/review/{review_id}/boxes")
def save(review_id: Id, body: Labels, actor: ActorOf, services: ServicesOf) -> ReviewDetail:
    """Say what is in the picture."""
    boxes = [ReviewBox(**box.model_dump()) for box in body.boxes]
    return services.review.save(actor, review_id, boxes, negative=body.negative, expected_version=body.expected_version)


@router.post("/review/{review_id}/skip")
def skip(review_id: Id, actor: ActorOf, services: ServicesOf) -> ReviewDetail:
    """Nothing can be learned from it."""
    return services.review.skip(actor, review_id)


@router.post("/review/{review_id}/reopen")
def reopen(review_id: Id, actor: ActorOf, services: ServicesOf) -> ReviewDetail:
    """Back into the queue."""
    return services.review.reopen(actor, review_id)


@router.post("/review/{review_id}/propagate")
def propagate(review_id: Id, actor: ActorOf, services: ServicesOf) -> list[ReviewDetail]:
    """Carry its boxes to the open pictures of the same clip, as proposals."""
    return list(services.review.propagate(actor, review_id))


@router.delete("/review/{review_id}", status_code=204)
def delete(review_id: Id, actor: ActorOf, services: ServicesOf) -> None:
    """Delete the picture for good; datasets built with it are told to forget it."""
    services.review.delete(actor, review_id)
