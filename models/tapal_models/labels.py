"""The labels a Tapal model knows, and where COCO keeps them."""

LABELS: dict[str, int] = {
    "person": 0,
    "bicycle": 1,
    "car": 2,
    "motorcycle": 3,
    "bus": 5,
    "truck": 7,
    "boat": 8,
}
"""Label to its COCO class number; a model's own numbers follow this order, from 0."""

NAMES: tuple[str, ...] = tuple(LABELS)
