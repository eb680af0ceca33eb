"""Sentences and tables both faces say: pure text of events, figures, findings and reports."""
