"""The labelled corpus: saved pages, pages made from them, and how often readers are wrong on them."""
