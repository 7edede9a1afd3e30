"""From a partnership's list to a drawn sample and what becomes of it: nobody can steer which case is read."""
