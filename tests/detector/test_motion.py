import numpy as np
import pytest

from tapal_detector.motion import MotionGate, grid

FPS = 5
noise = np.random.default_rng(5)
YARD = noise.integers(60, 120, (270, 480)).astype(np.float64) + np.linspace(0, 70, 480)


def picture(*, light: float = 1.0, person_at: tuple[int, int] | None = None) -> np.ndarray:
    """A yard of 480 x 270 with camera noise, perhaps with a dark person of 40 x 100 pixels."""
    yard = YARD * light
    if person_at is not None:
        x, y = person_at
        yard[y : y + 100, x : x + 40] = 25 * light
    yard = yard + noise.normal(0, 2, yard.shape)
    return np.repeat(np.clip(yard, 0, 255).astype(np.uint8)[:, :, None], 3, axis=2)


def learnt(seconds: float = 8) -> tuple[MotionGate, float]:
    gate = MotionGate()
    for number in range(int(seconds * FPS)):
        gate.update(picture(), number / FPS)
    return gate, seconds


def test_a_still_scene_closes_the_gate_and_is_audited() -> None:
    gate, now = learnt()
    reasons = []
    for number in range(30 * FPS):
        gate.update(picture(), now + number / FPS)
        reasons.append(gate.reason)
    assert set(reasons) == {"idle", "audit"}
    assert reasons.count("audit") == 3


def test_a_walker_opens_the_gate_at_once_and_it_stays_open_for_a_while() -> None:
    gate, now = learnt()
    assert not gate.update(picture(), now)
    assert gate.update(picture(person_at=(200, 100)), now + 0.2)
    assert gate.reason == "motion"
    assert gate.update(picture(), now + 1.0)


@pytest.mark.parametrize("light", [0.7, 0.85, 1.2, 1.3])
def test_a_cloud_is_no_motion(light: float) -> None:
    gate, now = learnt()
    for number in range(20):
        gate.update(picture(light=1 + (light - 1) * (number + 1) / 20), now + number / FPS)
        assert gate.reason in {"idle", "audit"}


def test_a_walker_under_a_cloud_is_motion() -> None:
    gate, now = learnt()
    assert gate.update(picture(light=0.8, person_at=(300, 120)), now)
    assert gate.reason == "motion"


def test_another_picture_altogether_is_learnt_anew() -> None:
    gate, now = learnt()
    turned = picture()[::-1, ::-1]
    assert gate.update(np.ascontiguousarray(turned), now)
    assert gate.reason == "learning"


def test_a_change_of_resolution_is_learnt_anew() -> None:
    gate, now = learnt()
    gate.update(picture()[:200], now)
    assert gate.reason == "learning"


def test_what_is_followed_keeps_the_gate_open() -> None:
    gate, now = learnt()
    assert gate.update(picture(), now, following=True)
    assert gate.reason == "following"


def test_a_miss_found_by_an_audit_makes_the_gate_more_sensitive() -> None:
    gate, now = learnt()
    faint = picture()
    faint[96:192, 240:288] = np.clip(faint[96:192, 240:288] * 0.955, 0, 255).astype(np.uint8)
    assert not gate.update(faint, now)
    for _ in range(4):
        gate.audited(found_something_new=True)
    assert gate.update(faint, now + 0.2)
    assert gate.misses == 4


def test_grid_is_the_mean_of_each_cell() -> None:
    frame = np.zeros((48, 72, 3), np.uint8)
    frame[:24, 24:48] = 200
    np.testing.assert_allclose(grid(frame, 24), [[0, 200, 0], [0, 0, 0]])
