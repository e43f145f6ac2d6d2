"""The five pictures, for a brief or a press page: French, printable in grey, readable without colour.

Every picture states what it shows, its n, coverage and period. Each function returns a matplotlib `Figure`;
`save` writes it as PNG. No state is told by colour alone: shape, hatching, position or text says it too.
"""
