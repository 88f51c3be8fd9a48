"""What the constraints of the code tables refuse."""

from typing import LiteralString

REFUSED: list[tuple[str, LiteralString]] = [
    *(
        (f"{table}_pkey", f"INSERT INTO billing.{table} SELECT * FROM billing.{table}")
        for table in ("diagnosis_code", "modifier", "place_of_service")
    ),
    *(
        (
            f"{noun}_version_{key}_valid_during_key",
            (
                f"INSERT INTO billing.{noun}_version (code, valid_during, description)"
                f" SELECT code, '[2024-03-01,2024-03-02)', 'a' FROM billing.{noun}"
            ),
        )
        for noun, key in (
            ("cpt_code", "code_hash"),
            ("diagnosis_code", "code_hash"),
            ("modifier", "code"),
            ("place_of_service", "code"),
        )
    ),
    *(
        (name, statement.replace("NOUN", noun))
        for noun in ("cpt_code", "diagnosis_code", "modifier", "place_of_service")
        for name, statement in (
            (
                f"{noun}_version_pkey",
                (
                    "INSERT INTO billing.NOUN_version (id, code, description)"
                    " SELECT id, code, 'a' FROM billing.NOUN_version"
                ),
            ),
            (
                f"{noun}_version_code_fkey",
                "INSERT INTO billing.NOUN_version (code, description) VALUES ('X9999', 'a')",
            ),
            (
                f"{noun}_version_valid_during_has_a_day",
                "UPDATE billing.NOUN_version SET valid_during = '[2024-03-01,2024-03-01)'",
            ),
            (
                f"{noun}_version_code_list_is_a_word",
                "UPDATE billing.NOUN_version SET code_list = 'CMS 2024'",
            ),
        )
    ),
    *(
        (
            "diagnosis_code_code_has_the_shape_of_a_code",
            f"INSERT INTO billing.diagnosis_code VALUES ('{code}', 'a')",
        )
        for code in ("", "E1", "E11.9", "e119", "1119", "S93401AB", "Ｅ119")  # noqa: RUF001 - a wide E
    ),
    *(
        ("modifier_code_has_two_characters", f"INSERT INTO billing.modifier VALUES ('{code}', 'a')")
        for code in ("", "L", "lt", "LT1", "L ")
    ),
    *(
        (
            "place_of_service_code_has_two_digits",
            f"INSERT INTO billing.place_of_service VALUES ('{code}', 'a')",
        )
        for code in ("", "1", "111", "1A")
    ),
]
