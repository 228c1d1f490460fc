"""Intersection over union, the common measure of how much two boxes agree."""

import numpy as np

from tapal_detector.detections import FloatArray


def iou_matrix(first: FloatArray, second: FloatArray) -> FloatArray:
    """IoU of every box of ``first`` (N, 4) with every box of ``second`` (M, 4), as (N, M)."""
    shared = _shared_area(first, second)
    area = _area(first)
    union = area[:, None] + (area if second is first else _area(second))[None, :] - shared
    ratio: FloatArray = np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)
    return ratio


def inside_matrix(first: FloatArray, second: FloatArray) -> FloatArray:
    """The share of every box of ``first`` that lies in every box of ``second``, as (N, M)."""
    shared = _shared_area(first, second)
    area = np.broadcast_to(_area(first)[:, None], shared.shape)
    ratio: FloatArray = np.divide(shared, area, out=np.zeros_like(shared), where=area > 0)
    return ratio


def _shared_area(first: FloatArray, second: FloatArray) -> FloatArray:
    corner = np.maximum(first[:, None, :2], second[None, :, :2])
    opposite = np.minimum(first[:, None, 2:], second[None, :, 2:])
    sides: FloatArray = np.maximum(opposite - corner, 0)
    shared: FloatArray = sides[..., 0] * sides[..., 1]
    return shared


def _area(boxes: FloatArray) -> FloatArray:
    area: FloatArray = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    return area
