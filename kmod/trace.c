// SPDX-License-Identifier: GPL-2.0
#include "compat/trace.h"

#define CREATE_TRACE_POINTS
#include "trace.h"
