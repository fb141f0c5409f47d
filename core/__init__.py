"""Reelseek without a screen: from the bytes of a video to the moments that a query finds in it."""
