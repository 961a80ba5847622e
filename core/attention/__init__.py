"""What a network looks at: class activation maps, self-attention, thresholds, agreement."""
