/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Bodies of watches as an API server of Kubernetes 1.36 sent them, without the
 * framing of their chunks.
 */
#ifndef SVCNAT_WATCH_RECORDED_H
#define SVCNAT_WATCH_RECORDED_H

/* A Service comes into a label selector and leaves it; then two bookmarks. */
static const char recorded_watch[] =
	"{\"type\":\"ADDED\",\"object\":{\"kind\":\"Service\",\"apiVersion\":\"v1\",\"metadata"
	"\":{\"name\":\"web\",\"namespace\":\"default\",\"uid\":\"6df17abe-71c0-48f2-ade2-1636d"
	"2d51e3d\",\"resourceVersion\":\"406\",\"creationTimestamp\":\"2026-11-22T17:40:12Z\","
	"\"labels\":{\"tier\":\"front\"},\"managedFields\":[{\"manager\":\"kubectl-create\",\"o"
	"peration\":\"Update\",\"apiVersion\":\"v1\",\"time\":\"2026-11-22T17:40:12Z\",\"fields"
	"Type\":\"FieldsV1\",\"fieldsV1\":{\"f:spec\":{\"f:internalTrafficPolicy\":{},\"f:ports"
	"\":{\".\":{},\"k:{\\\"port\\\":80,\\\"protocol\\\":\\\"TCP\\\"}\":{\".\":{},\"f:port\""
	":{},\"f:protocol\":{},\"f:targetPort\":{}}},\"f:selector\":{},\"f:sessionAffinity\":{}"
	",\"f:type\":{}}}},{\"manager\":\"kubectl-label\",\"operation\":\"Update\",\"apiVersion"
	"\":\"v1\",\"time\":\"2026-11-22T17:40:28Z\",\"fieldsType\":\"FieldsV1\",\"fieldsV1\":{"
	"\"f:metadata\":{\"f:labels\":{\".\":{},\"f:tier\":{}}}}}]},\"spec\":{\"ports\":[{\"pro"
	"tocol\":\"TCP\",\"port\":80,\"targetPort\":8080}],\"selector\":{\"app\":\"web\"},\"clu"
	"sterIP\":\"10.111.158.147\",\"clusterIPs\":[\"10.111.158.147\"],\"type\":\"ClusterIP\""
	",\"sessionAffinity\":\"None\",\"ipFamilies\":[\"IPv4\"],\"ipFamilyPolicy\":\"SingleSta"
	"ck\",\"internalTrafficPolicy\":\"Cluster\"},\"status\":{\"loadBalancer\":{}}}}\n"
	"{\"type\":\"DELETED\",\"object\":{\"kind\":\"Service\",\"apiVersion\":\"v1\",\"metadat"
	"a\":{\"name\":\"web\",\"namespace\":\"default\",\"uid\":\"6df17abe-71c0-48f2-ade2-1636"
	"d2d51e3d\",\"resourceVersion\":\"409\",\"creationTimestamp\":\"2026-11-22T17:40:12Z\","
	"\"labels\":{\"tier\":\"front\"},\"managedFields\":[{\"manager\":\"kubectl-create\",\"o"
	"peration\":\"Update\",\"apiVersion\":\"v1\",\"time\":\"2026-11-22T17:40:12Z\",\"fields"
	"Type\":\"FieldsV1\",\"fieldsV1\":{\"f:spec\":{\"f:internalTrafficPolicy\":{},\"f:ports"
	"\":{\".\":{},\"k:{\\\"port\\\":80,\\\"protocol\\\":\\\"TCP\\\"}\":{\".\":{},\"f:port\""
	":{},\"f:protocol\":{},\"f:targetPort\":{}}},\"f:selector\":{},\"f:sessionAffinity\":{}"
	",\"f:type\":{}}}},{\"manager\":\"kubectl-label\",\"operation\":\"Update\",\"apiVersion"
	"\":\"v1\",\"time\":\"2026-11-22T17:40:28Z\",\"fieldsType\":\"FieldsV1\",\"fieldsV1\":{"
	"\"f:metadata\":{\"f:labels\":{\".\":{},\"f:tier\":{}}}}}]},\"spec\":{\"ports\":[{\"pro"
	"tocol\":\"TCP\",\"port\":80,\"targetPort\":8080}],\"selector\":{\"app\":\"web\"},\"clu"
	"sterIP\":\"10.111.158.147\",\"clusterIPs\":[\"10.111.158.147\"],\"type\":\"ClusterIP\""
	",\"sessionAffinity\":\"None\",\"ipFamilies\":[\"IPv4\"],\"ipFamilyPolicy\":\"SingleSta"
	"ck\",\"internalTrafficPolicy\":\"Cluster\"},\"status\":{\"loadBalancer\":{}}}}\n"
	"{\"type\":\"BOOKMARK\",\"object\":{\"kind\":\"Service\",\"apiVersion\":\"v1\",\"metada"
	"ta\":{\"resourceVersion\":\"631\"},\"spec\":{},\"status\":{\"loadBalancer\":{}}}}\n"
	"{\"type\":\"BOOKMARK\",\"object\":{\"kind\":\"Service\",\"apiVersion\":\"v1\",\"metada"
	"ta\":{\"resourceVersion\":\"646\"},\"spec\":{},\"status\":{\"loadBalancer\":{}}}}\n";

/* From a version that is not kept any more. */
static const char recorded_expired[] =
	"{\"type\":\"ERROR\",\"object\":{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\""
	":{},\"status\":\"Failure\",\"message\":\"too old resource version: 210 (721)\",\"reaso"
	"n\":\"Expired\",\"code\":410}}\n";

#endif
