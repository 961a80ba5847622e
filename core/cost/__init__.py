"""What each network costs: parameters, tokens, multiply-adds, milliseconds."""
