// SPDX-License-Identifier: GPL-2.0
#include "yaml_node.h"
#include "yaml_write.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

static int emit_value(yaml_emitter_t *em, const json_t *value);

/* initialized: what yaml_..._event_initialize() returned; the emitter frees the event. */
static int emit(yaml_emitter_t *em, yaml_event_t *ev, int initialized)
{
	return initialized && yaml_emitter_emit(em, ev) ? 0 : -1;
}

static int emit_scalar(yaml_emitter_t *em, const char *text, size_t len,
		       yaml_scalar_style_t style)
{
	bool quoted = style == YAML_DOUBLE_QUOTED_SCALAR_STYLE;
	yaml_event_t ev;

	return emit(em, &ev, yaml_scalar_event_initialize(&ev, NULL, NULL,
							  (const yaml_char_t *)text, (int)len,
							  !quoted, 1, style));
}

static int emit_string(yaml_emitter_t *em, const char *text)
{
	yaml_scalar_style_t style = YAML_PLAIN_SCALAR_STYLE;

	if (strchr(text, '\n'))
		style = YAML_LITERAL_SCALAR_STYLE;
	else if (!yaml_scalar_is_string(text))
		style = YAML_DOUBLE_QUOTED_SCALAR_STYLE;
	return emit_scalar(em, text, strlen(text), style);
}

static int emit_list(yaml_emitter_t *em, const json_t *list)
{
	yaml_event_t ev;
	json_t *item;
	size_t i;

	if (emit(em, &ev, yaml_sequence_start_event_initialize(&ev, NULL, NULL, 1,
							       YAML_BLOCK_SEQUENCE_STYLE)))
		return -1;
	json_array_foreach(list, i, item)
		if (emit_value(em, item))
			return -1;
	return emit(em, &ev, yaml_sequence_end_event_initialize(&ev));
}

static int compare_keys(const void *a, const void *b)
{
	return strcmp(*(const char * const *)a, *(const char * const *)b);
}

static const char **sorted_keys(json_t *map)
{
	const char **keys = calloc(json_object_size(map) + 1, sizeof(*keys));
	const char *key;
	json_t *value;
	size_t n = 0;

	if (!keys)
		return NULL;
	json_object_foreach(map, key, value)
		keys[n++] = key;
	qsort(keys, n, sizeof(*keys), compare_keys);
	return keys;
}

static int emit_members(yaml_emitter_t *em, const json_t *map, const char **keys)
{
	size_t i;

	for (i = 0; keys[i]; i++)
		if (emit_string(em, keys[i]) || emit_value(em, json_object_get(map, keys[i])))
			return -1;
	return 0;
}

static int emit_map(yaml_emitter_t *em, const json_t *map)
{
	const char **keys;
	yaml_event_t ev;
	int ret;

	if (emit(em, &ev, yaml_mapping_start_event_initialize(&ev, NULL, NULL, 1,
							      YAML_BLOCK_MAPPING_STYLE)))
		return -1;
	keys = sorted_keys((json_t *)map);
	if (!keys)
		return -1;
	ret = emit_members(em, map, keys);
	free(keys);
	return ret ? ret : emit(em, &ev, yaml_mapping_end_event_initialize(&ev));
}

static int emit_number_or_word(yaml_emitter_t *em, const json_t *value)
{
	char *text = json_dumps(value, JSON_ENCODE_ANY);
	int ret;

	if (!text)
		return -1;
	ret = emit_scalar(em, text, strlen(text), YAML_PLAIN_SCALAR_STYLE);
	free(text);
	return ret;
}

static int emit_value(yaml_emitter_t *em, const json_t *value)
{
	if (json_is_object(value))
		return emit_map(em, value);
	if (json_is_array(value))
		return emit_list(em, value);
	if (json_is_string(value))
		return emit_string(em, json_string_value(value));
	return emit_number_or_word(em, value);
}

static int emit_document(yaml_emitter_t *em, const json_t *value)
{
	yaml_event_t ev;

	if (emit(em, &ev, yaml_stream_start_event_initialize(&ev, YAML_UTF8_ENCODING)) ||
	    emit(em, &ev, yaml_document_start_event_initialize(&ev, NULL, NULL, NULL, 1)) ||
	    emit_value(em, value) ||
	    emit(em, &ev, yaml_document_end_event_initialize(&ev, 1)) ||
	    emit(em, &ev, yaml_stream_end_event_initialize(&ev)))
		return em->error == YAML_WRITER_ERROR ? -EIO : -ENOMEM;
	return 0;
}

int yaml_write(FILE *f, const json_t *value)
{
	yaml_emitter_t em;
	int ret;

	if (!yaml_emitter_initialize(&em))
		return -ENOMEM;
	yaml_emitter_set_output_file(&em, f);
	yaml_emitter_set_unicode(&em, 1);
	ret = emit_document(&em, value);
	yaml_emitter_delete(&em);
	return ret;
}
