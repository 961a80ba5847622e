"""Attention of a network: CAM methods and their maps, self-attention, thresholds, agreement."""
