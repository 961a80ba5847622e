"""LossLens core: everything that is not user interface. Never imports streamlit."""
