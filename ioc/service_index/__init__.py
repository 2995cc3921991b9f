"""The service index of Decision 766/QĐ-TTg: our own estimate from dossiers and figures, beside what the national portal publishes.

criteria.py reads what is scored and how, score.py scores (pure), inputs.py brings the numbers of all units, answer.py puts it together. The
two values are never mixed: the published one comes late and rounded, ours is of this minute and may lack criteria nobody reports.
"""
