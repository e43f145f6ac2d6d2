"""The pages behind the figures: one recorded row, its capture and its bodies, for the operator. Read only."""
