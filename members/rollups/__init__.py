"""What is kept summed of the register: by trigger, rebuilt and proved here, each beside its SQL."""
