#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""
SERVICES services with ENDPOINTS endpoints each, for control.sh.

	objects.py SERVICES ENDPOINTS FOLDER

FOLDER gets
	services	for "svcctl restore"
	manifests/	Services and EndpointSlices, at most 100 services in a file
	change/		url, with, without: an EndpointSlice of the middle service, and two
			merge patches of it. One adds an endpoint, the other one takes it away.

Services are 10.97.0.0 + I, port 80, TCP; endpoints 10.128.0.0 + J, port 8080.
"""
import json
import os
import sys

PER_FILE = 100
PER_SLICE = 100
NAMESPACE = "default"


def address(second, number):
    return f"10.{second + (number >> 16)}.{number >> 8 & 255}.{number & 255}"


def name(i):
    return f"svc-{i:06}"


def frontend(i):
    return address(97, i)


def endpoints(i, per_service):
    return [address(128, i * per_service + k) for k in range(per_service)]


def restore_lines(services, per_service):
    yield "settings pod-cidrs 10.244.0.0/16\n"
    yield "settings service-cidrs 10.96.0.0/12\n"
    for i in range(services):
        each = "".join(f" --endpoint {a}:8080" for a in endpoints(i, per_service))
        yield f"add service {NAMESPACE}/{name(i)} tcp --frontend cluster:{frontend(i)}:80{each}\n"


# ---- manifests


def slices(i, per_service):
    every = endpoints(i, per_service)
    return [every[k:k + PER_SLICE] for k in range(0, len(every), PER_SLICE)]


def slice_name(i, number):
    return f"{name(i)}-{number}"


def manifest(i, per_service):
    yield (f"apiVersion: v1\nkind: Service\n"
           f"metadata: {{name: {name(i)}, namespace: {NAMESPACE}}}\n"
           f"spec:\n  clusterIP: {frontend(i)}\n  ports: [{{port: 80, targetPort: 8080}}]\n")
    for number, part in enumerate(slices(i, per_service)):
        each = "".join(f"  - addresses: [{a}]\n" for a in part)
        yield (f"apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\n"
               f"metadata:\n  name: {slice_name(i, number)}\n  namespace: {NAMESPACE}\n"
               f"  labels: {{kubernetes.io/service-name: {name(i)}}}\n"
               f"addressType: IPv4\nports: [{{port: 8080}}]\nendpoints:\n{each}")


def write_manifests(services, per_service, folder):
    os.makedirs(folder)
    for first in range(0, services, PER_FILE):
        with open(f"{folder}/{name(first)}.yaml", "w", encoding="ascii") as f:
            for i in range(first, min(first + PER_FILE, services)):
                f.writelines("---\n" + text for text in manifest(i, per_service))


# ---- the change


def patch(addresses):
    return json.dumps({"endpoints": [{"addresses": [a]} for a in addresses]})


def write_change(services, per_service, folder):
    i = services // 2
    first = slices(i, per_service)[0]
    # as many as a slice has at most: the last one makes room
    more = first[:PER_SLICE - 1] + [address(200, 1)]
    files = {
        "url": f"/apis/discovery.k8s.io/v1/namespaces/{NAMESPACE}/endpointslices/"
               f"{slice_name(i, 0)}",
        "with": patch(more),
        "without": patch(first[:PER_SLICE - 1]),
    }
    os.makedirs(folder)
    for key, content in files.items():
        with open(f"{folder}/{key}", "w", encoding="ascii") as f:
            f.write(content)


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    services, per_service = int(sys.argv[1]), int(sys.argv[2])
    folder = sys.argv[3]
    os.makedirs(folder)
    with open(f"{folder}/services", "w", encoding="ascii") as f:
        f.writelines(restore_lines(services, per_service))
    write_manifests(services, per_service, f"{folder}/manifests")
    write_change(services, per_service, f"{folder}/change")


if __name__ == "__main__":
    main()
