"""Draws that nobody could steer and anyone can check: frame, size, allocation, draw, certificate, estimation.

Usable on its own from a notebook, and from the command line as `python -m sampling`; it knows nothing of the web app.
"""

from sampling.allocation import Allocation, allocate
from sampling.certificate import (
    Difference,
    certificate,
    certificate_digest,
    read_certificate,
    same_file,
    verify,
)
from sampling.commitment import commitment, seed
from sampling.digest import canonical_json, frame_digest, frame_lines, json_digest
from sampling.draw import Draw, draw, start_after
from sampling.errors import CertificateError, DesignError, Fault, FrameError, PlanError, SamplingError
from sampling.estimation import (
    compare,
    design_effect,
    estimate_mean,
    estimate_ratio,
    estimate_share,
    estimate_total,
)
from sampling.frame import Frame, FrameRules, read_frame
from sampling.labels import label_cases, stratum_label
from sampling.margins import allocate_for_margins
from sampling.plan import Plan, plan_for
from sampling.replacement import next_reserve, weigh
from sampling.size import SampleSize, margin_of, margins_of, sample_size, sample_sizes
from sampling.tickets import ticket
from sampling.waves import waves_of
from sampling.within import allocate_within

__all__ = [
    "Allocation",
    "CertificateError",
    "DesignError",
    "Difference",
    "Draw",
    "Fault",
    "Frame",
    "FrameError",
    "FrameRules",
    "Plan",
    "PlanError",
    "SampleSize",
    "SamplingError",
    "allocate",
    "allocate_for_margins",
    "allocate_within",
    "canonical_json",
    "certificate",
    "certificate_digest",
    "commitment",
    "compare",
    "design_effect",
    "draw",
    "estimate_mean",
    "estimate_ratio",
    "estimate_share",
    "estimate_total",
    "frame_digest",
    "frame_lines",
    "json_digest",
    "label_cases",
    "margin_of",
    "margins_of",
    "next_reserve",
    "plan_for",
    "read_certificate",
    "read_frame",
    "same_file",
    "sample_size",
    "sample_sizes",
    "seed",
    "start_after",
    "stratum_label",
    "ticket",
    "verify",
    "waves_of",
    "weigh",
]
