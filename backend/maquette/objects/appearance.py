"""What colour a thing has to the eye: the mean of its lighter faces in the photos, as bright as if white were white.

A texture holds light and shadow, and photos are exposed for windows and lamps; people name colours despite of both.
"""

import cv2
import numpy as np

from maquette.types import FloatArray, IntArray

_WHITE = 92.0  # CIELAB lightness that the lightest surface is taken to have
_LIGHTEST = 0.98  # share of the surface that is darker than it
_CAST = 0.15  # by which a channel is changed at most, against the others
_RGB_LUMINANCE = np.array([0.2126, 0.7152, 0.0722])
_LIT = (0.55, 0.9)  # of a part, from dark to light: what is neither in shadow nor a gleam
_MOST_GAIN = 4.0  # a scene without anything light is not made light


def photo_colors(color: FloatArray, weight: FloatArray, part: IntArray, count: int) -> FloatArray:
    """(count, 3) linear RGB of each part.

    color: (T, 3) CIELAB of the faces; part: (T,) below count
    weight: (T,) area that photos show squarely: colours bleed at outlines, where surfaces are seen at a slant
    """
    linear = _linear(color)
    gain = _gain(color, linear, weight)
    order = np.argsort(part, kind="stable")
    starts = np.searchsorted(part[order], np.arange(count + 1))
    out = np.zeros((count, 3))
    for number in range(count):
        faces = order[starts[number] : starts[number + 1]]
        if len(faces) == 0:
            continue
        lightness = color[faces, 0]
        low, high = (_quantile(lightness, weight[faces], share) for share in _LIT)
        lit = faces[(lightness >= low) & (lightness <= high)]
        out[number] = np.average(linear[lit], axis=0, weights=weight[lit] + 1e-30)
    return np.clip(out * gain, 0, 1)


def _gain(color: FloatArray, linear: FloatArray, weight: FloatArray) -> FloatArray:
    """(3,) that makes the lightest surface white, and neutral as far as lamps and daylight differ."""
    light = color[:, 0] >= _quantile(color[:, 0], weight, _LIGHTEST)
    white = np.average(linear[light], axis=0, weights=weight[light] + 1e-30)
    wanted = _luminance(_WHITE)
    overall = float(np.clip(wanted / max(float(white @ _RGB_LUMINANCE), 1e-6), 1.0, _MOST_GAIN))
    cast = wanted / np.maximum(white, 1e-6) / overall
    return overall * np.clip(cast / cast.mean(), 1 - _CAST, 1 + _CAST)


def _quantile(values: FloatArray, weight: FloatArray, share: float) -> float:
    order = np.argsort(values)
    total = np.cumsum(weight[order])
    return float(values[order[np.searchsorted(total, share * total[-1])]])


def _luminance(lightness: float) -> float:
    """Of white 1, by CIE 1976."""
    t = (lightness + 16) / 116
    return t**3 if t > 6 / 29 else lightness * 27 / 24389


def _linear(color: FloatArray) -> FloatArray:
    """(N, 3) linear RGB of CIELAB."""
    srgb = cv2.cvtColor(color.astype(np.float32)[None], cv2.COLOR_LAB2RGB)[0].astype(np.float64)
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
