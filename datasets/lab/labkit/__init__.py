"""The lab's machinery: namespaces, path emulation, processes, capture, labels."""
