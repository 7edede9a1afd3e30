"""What disclosure control refuses to work with."""


class DisclosureError(ValueError):
    """Figures that do not add up, a policy out of bounds, or knowledge that contradicts itself."""
