"""What `make` runs beside the server: measurements, loads, photographs."""

import models as models  # before torch, whose threads it tells how long to wait
