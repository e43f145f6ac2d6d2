"""The five plots, for a brief or a press page. Their texts are French.

Every plot states what it shows, its n, coverage and period. Each function returns a matplotlib `Figure`;
`canvas.save` writes it as PNG. They must be readable in grey: shape, hatching, position or text says all that
a colour says.
"""
