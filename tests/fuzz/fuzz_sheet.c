/* Whatever someone saves from a spreadsheet: rows of text, or that it cannot be read. */

#include "memory_file.h"
#include "sheet.h"

#include <string.h>

static void must(bool holds)
{
    if (!holds)
        abort();
}

static size_t check_row(const sheet_row_t *row)
{
    size_t length = 0;
    for (size_t i = 0; i < row->n; i++)
        length += strlen(row->cells[i]);
    return length;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    arena_t *arena = arena_new();
    memory_file_t file = memory_file(data, size);
    sheet_t sheet;
    if (sheet_read(&sheet, file.path, arena) == SHEET_OK) {
        size_t length = check_row(&sheet.heading), line = sheet.heading.line;
        for (size_t i = 0; i < sheet.n_rows; i++) {
            length += check_row(&sheet.rows[i]);
            must(sheet.rows[i].line >= line);
            line = sheet.rows[i].line;
        }
        /* Windows-1252 takes three bytes at most for one in UTF-8. */
        must(length <= 3 * size);
    }
    memory_file_close(&file);
    arena_destroy(&arena);
    return 0;
}
