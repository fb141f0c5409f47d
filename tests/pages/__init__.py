"""Every page in every state, on the real app: real engine, real films, a computable encoder."""
