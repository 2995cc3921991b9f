"""edXML envelopes (QCVN 102:2016/BTTTT): read safely (envelope.py) and made into records a mapping reads (record.py). Pure."""
