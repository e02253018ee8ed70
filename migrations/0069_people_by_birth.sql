-- Another registry may ask by the day of birth alone: a province took 40 ms to read through, a country seconds.
create index person_by_birth on person (birth_date, person_id) where merged_into is null;
