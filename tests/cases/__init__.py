"""Pages handed to us, and pages written from what others report: each a visit with its label."""
