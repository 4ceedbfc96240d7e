"""Which tokens one pass of the language model holds, where they stand, and in which order we compute them.

A running position is shared by all passes of a call: a text token takes one; an image of g_h x g_w tokens puts row r
and column q at (c, c + r, c + q) and moves the counter on by the larger side. Tokens of an image block are computed
with all markers first and all patches after, so that each expert works on one contiguous slice: in a block where
everything sees everything, the order changes nothing but the order of sums.
"""

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True, kw_only=True)
class Pass:
    """One pass: `sequence` is the model's order of tokens, `order` ours."""

    text_ids: Tensor  # (T,) int64, ids of text and marker tokens
    text_index: Tensor  # (T,) int64, their places in the sequence
    image_index: Tensor  # (G,) int64, places of image tokens in the sequence
    positions: Tensor  # (3, T + G) int64: time, row, column; in the sequence's order
    is_causal: bool
    next_position: int

    @property
    def order(self) -> Tensor:
        """(T + G,): the sequence place of each token as computed: text and markers, then image tokens."""
        return torch.cat([self.text_index, self.image_index])


def text_pass(ids: list[int], start: int) -> Pass:
    """Plain text, causal."""
    count = len(ids)
    places = torch.arange(count)
    return Pass(
        text_ids=torch.tensor(ids, dtype=torch.int64),
        text_index=places,
        image_index=places[:0],
        positions=(places + start).expand(3, count),
        is_causal=True,
        next_position=start + count,
    )


def image_pass(grids: list[tuple[int, int]], start: int, markers: tuple[int, int]) -> Pass:
    """One bidirectional block of images, each between its two markers. grids: (rows, columns) of tokens."""
    ids: list[int] = []
    text_places: list[int] = []
    image_places: list[Tensor] = []
    positions: list[Tensor] = []
    place, counter = 0, start
    for rows, columns in grids:
        count = rows * columns
        ids += markers
        text_places += [place, place + 1 + count]
        image_places.append(torch.arange(place + 1, place + 1 + count))
        row = torch.arange(rows).repeat_interleave(columns)
        column = torch.arange(columns).repeat(rows)
        inside = counter + 1
        positions.append(torch.full((3, 1), counter))
        positions.append(torch.stack([torch.zeros_like(row), row, column]) + inside)
        counter = inside + max(rows, columns)
        positions.append(torch.full((3, 1), counter))
        counter += 1
        place += count + 2
    return Pass(
        text_ids=torch.tensor(ids, dtype=torch.int64),
        text_index=torch.tensor(text_places),
        image_index=torch.cat(image_places),
        positions=torch.cat(positions, dim=1),
        is_causal=False,
        next_position=counter,
    )
