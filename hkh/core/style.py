def showcase(request): return {}
