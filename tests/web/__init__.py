"""The routes beside Streamlit, over real HTTP where it matters."""
