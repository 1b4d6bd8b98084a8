// SPDX-License-Identifier: GPL-2.0
/* The fields of a Pod's volumes: one table for each thing that a volume may come from. */
#include "schema_pod.h"
#include "schema_table.h"

#define LOCAL_REFERENCE(k) OBJECT(k, schema_local_reference, "LocalObjectReference")

static const struct schema path[] = {
	STRING("key", KEEP), STRING("path", KEEP), INT("mode", KEEP), END
};
#define PATHS LIST_OF("items", path, "KeyToPath")

/* What the node has, or what is made for the Pod. */
static const struct schema host_path[] = { STRING("path", KEEP), STRING("type", KEEP), END };
static const struct schema empty_dir[] = { STRING("medium", 0), QUANTITY("sizeLimit"), END };
static const struct schema git_repo[] = {
	STRING("repository", KEEP), STRING("revision", 0), STRING("directory", 0), END
};
static const struct schema image[] = { STRING("reference", 0), STRING("pullPolicy", 0), END };

/* What the API has. */
static const struct schema secret[] = {
	STRING("secretName", 0), PATHS, INT("defaultMode", KEEP), BOOL("optional", KEEP), END
};
static const struct schema config_map[] = {
	STRING("name", 0), PATHS, INT("defaultMode", KEEP), BOOL("optional", KEEP), END
};
static const struct schema downward_file[] = {
	STRING("path", KEEP), OBJECT("fieldRef", schema_field_ref, "ObjectFieldSelector"),
	OBJECT("resourceFieldRef", schema_resource_field_ref, "ResourceFieldSelector"),
	INT("mode", KEEP), END
};
#define DOWNWARD_FILES LIST_OF("items", downward_file, "DownwardAPIVolumeFile")
static const struct schema downward[] = { DOWNWARD_FILES, INT("defaultMode", KEEP), END };

static const struct schema projected_object[] = {
	STRING("name", 0), PATHS, BOOL("optional", KEEP), END
};
static const struct schema projected_downward[] = { DOWNWARD_FILES, END };
static const struct schema projected_token[] = {
	STRING("audience", 0), LONG("expirationSeconds", KEEP), STRING("path", KEEP), END
};
static const struct schema projected_trust[] = {
	STRING("name", KEEP), STRING("signerName", KEEP),
	OBJECT("labelSelector", schema_selector, "LabelSelector"), BOOL("optional", KEEP),
	STRING("path", KEEP), END
};
static const struct schema projected_certificate[] = {
	STRING("signerName", 0), STRING("keyType", 0), INT("maxExpirationSeconds", KEEP),
	STRING("credentialBundlePath", 0), STRING("keyPath", 0), STRING("certificateChainPath", 0),
	MAP("userAnnotations"), END
};
static const struct schema projection[] = {
	OBJECT("secret", projected_object, "SecretProjection"),
	OBJECT("downwardAPI", projected_downward, "DownwardAPIProjection"),
	OBJECT("configMap", projected_object, "ConfigMapProjection"),
	OBJECT("serviceAccountToken", projected_token, "ServiceAccountTokenProjection"),
	OBJECT("clusterTrustBundle", projected_trust, "ClusterTrustBundleProjection"),
	OBJECT("podCertificate", projected_certificate, "PodCertificateProjection"), END
};
static const struct schema projected[] = {
	LIST_OF("sources", projection, "VolumeProjection"), INT("defaultMode", KEEP), END
};

/* Claims. */
static const struct schema claim[] = { STRING("claimName", KEEP), BOOL("readOnly", 0), END };
static const struct schema claim_resources[] = {
	QUANTITIES("limits"), QUANTITIES("requests"), END
};
static const struct schema data_source[] = {
	STRING("apiGroup", KEEP), STRING("kind", KEEP), STRING("name", KEEP), END
};
static const struct schema data_source_ref[] = {
	STRING("apiGroup", KEEP), STRING("kind", KEEP), STRING("name", KEEP),
	STRING("namespace", KEEP), END
};
static const struct schema claim_spec[] = {
	STRINGS("accessModes"), OBJECT("selector", schema_selector, "LabelSelector"),
	OBJECT("resources", claim_resources, "VolumeResourceRequirements"),
	STRING("volumeName", 0), STRING("storageClassName", KEEP), STRING("volumeMode", KEEP),
	OBJECT("dataSource", data_source, "TypedLocalObjectReference"),
	OBJECT("dataSourceRef", data_source_ref, "TypedObjectReference"),
	STRING("volumeAttributesClassName", KEEP), END
};
static const struct schema claim_template[] = {
	OBJECT("metadata", schema_meta, "ObjectMeta"),
	OBJECT("spec", claim_spec, "PersistentVolumeClaimSpec"), END
};
static const struct schema ephemeral[] = {
	OBJECT("volumeClaimTemplate", claim_template, "PersistentVolumeClaimTemplate"), END
};
static const struct schema csi[] = {
	STRING("driver", KEEP), BOOL("readOnly", KEEP), STRING("fsType", KEEP),
	MAP("volumeAttributes"), LOCAL_REFERENCE("nodePublishSecretRef"), END
};

/* File systems and disks on the network. */
static const struct schema nfs[] = {
	STRING("server", KEEP), STRING("path", KEEP), BOOL("readOnly", 0), END
};
static const struct schema iscsi[] = {
	STRING("targetPortal", KEEP), STRING("iqn", KEEP), INT("lun", KEEP),
	STRING("iscsiInterface", 0), STRING("fsType", 0), BOOL("readOnly", 0), STRINGS("portals"),
	BOOL("chapAuthDiscovery", 0), BOOL("chapAuthSession", 0), LOCAL_REFERENCE("secretRef"),
	STRING("initiatorName", KEEP), END
};
static const struct schema fc[] = {
	STRINGS("targetWWNs"), INT("lun", KEEP), STRING("fsType", 0), BOOL("readOnly", 0),
	STRINGS("wwids"), END
};
static const struct schema glusterfs[] = {
	STRING("endpoints", KEEP), STRING("path", KEEP), BOOL("readOnly", 0), END
};
static const struct schema rbd[] = {
	STRINGS("monitors"), STRING("image", KEEP), STRING("fsType", 0), STRING("pool", 0),
	STRING("user", 0), STRING("keyring", 0), LOCAL_REFERENCE("secretRef"), BOOL("readOnly", 0),
	END
};
static const struct schema cephfs[] = {
	STRINGS("monitors"), STRING("path", 0), STRING("user", 0), STRING("secretFile", 0),
	LOCAL_REFERENCE("secretRef"), BOOL("readOnly", 0), END
};
static const struct schema flex_volume[] = {
	STRING("driver", KEEP), STRING("fsType", 0), LOCAL_REFERENCE("secretRef"),
	BOOL("readOnly", 0), MAP("options"), END
};

/* Those of clouds and of vendors. */
static const struct schema gce_disk[] = {
	STRING("pdName", KEEP), STRING("fsType", 0), INT("partition", 0), BOOL("readOnly", 0), END
};
static const struct schema aws_disk[] = {
	STRING("volumeID", KEEP), STRING("fsType", 0), INT("partition", 0), BOOL("readOnly", 0), END
};
static const struct schema cinder[] = {
	STRING("volumeID", KEEP), STRING("fsType", 0), BOOL("readOnly", 0),
	LOCAL_REFERENCE("secretRef"), END
};
static const struct schema flocker[] = {
	STRING("datasetName", 0), STRING("datasetUUID", 0), END
};
static const struct schema azure_file[] = {
	STRING("secretName", KEEP), STRING("shareName", KEEP), BOOL("readOnly", 0), END
};
static const struct schema azure_disk[] = {
	STRING("diskName", KEEP), STRING("diskURI", KEEP), STRING("cachingMode", KEEP),
	STRING("fsType", KEEP), BOOL("readOnly", KEEP), STRING("kind", KEEP), END
};
static const struct schema vsphere[] = {
	STRING("volumePath", KEEP), STRING("fsType", 0), STRING("storagePolicyName", 0),
	STRING("storagePolicyID", 0), END
};
static const struct schema quobyte[] = {
	STRING("registry", KEEP), STRING("volume", KEEP), BOOL("readOnly", 0), STRING("user", 0),
	STRING("group", 0), STRING("tenant", 0), END
};
static const struct schema photon[] = { STRING("pdID", KEEP), STRING("fsType", 0), END };
static const struct schema portworx[] = {
	STRING("volumeID", KEEP), STRING("fsType", 0), BOOL("readOnly", 0), END
};
static const struct schema scale_io[] = {
	STRING("gateway", KEEP), STRING("system", KEEP), LOCAL_REFERENCE("secretRef"),
	BOOL("sslEnabled", 0), STRING("protectionDomain", 0), STRING("storagePool", 0),
	STRING("storageMode", 0), STRING("volumeName", 0), STRING("fsType", 0), BOOL("readOnly", 0),
	END
};
static const struct schema storageos[] = {
	STRING("volumeName", 0), STRING("volumeNamespace", 0), STRING("fsType", 0),
	BOOL("readOnly", 0), LOCAL_REFERENCE("secretRef"), END
};

/* All but the name are sources, of which a volume has one. */
const struct schema schema_volume[] = {
	STRING("name", KEEP),
	OBJECT("hostPath", host_path, "HostPathVolumeSource"),
	OBJECT("emptyDir", empty_dir, "EmptyDirVolumeSource"),
	OBJECT("gcePersistentDisk", gce_disk, "GCEPersistentDiskVolumeSource"),
	OBJECT("awsElasticBlockStore", aws_disk, "AWSElasticBlockStoreVolumeSource"),
	OBJECT("gitRepo", git_repo, "GitRepoVolumeSource"),
	OBJECT("secret", secret, "SecretVolumeSource"),
	OBJECT("nfs", nfs, "NFSVolumeSource"),
	OBJECT("iscsi", iscsi, "ISCSIVolumeSource"),
	OBJECT("glusterfs", glusterfs, "GlusterfsVolumeSource"),
	OBJECT("persistentVolumeClaim", claim, "PersistentVolumeClaimVolumeSource"),
	OBJECT("rbd", rbd, "RBDVolumeSource"),
	OBJECT("flexVolume", flex_volume, "FlexVolumeSource"),
	OBJECT("cinder", cinder, "CinderVolumeSource"),
	OBJECT("cephfs", cephfs, "CephFSVolumeSource"),
	OBJECT("flocker", flocker, "FlockerVolumeSource"),
	OBJECT("downwardAPI", downward, "DownwardAPIVolumeSource"),
	OBJECT("fc", fc, "FCVolumeSource"),
	OBJECT("azureFile", azure_file, "AzureFileVolumeSource"),
	OBJECT("configMap", config_map, "ConfigMapVolumeSource"),
	OBJECT("vsphereVolume", vsphere, "VsphereVirtualDiskVolumeSource"),
	OBJECT("quobyte", quobyte, "QuobyteVolumeSource"),
	OBJECT("azureDisk", azure_disk, "AzureDiskVolumeSource"),
	OBJECT("photonPersistentDisk", photon, "PhotonPersistentDiskVolumeSource"),
	OBJECT("projected", projected, "ProjectedVolumeSource"),
	OBJECT("portworxVolume", portworx, "PortworxVolumeSource"),
	OBJECT("scaleIO", scale_io, "ScaleIOVolumeSource"),
	OBJECT("storageos", storageos, "StorageOSVolumeSource"),
	OBJECT("csi", csi, "CSIVolumeSource"),
	OBJECT("ephemeral", ephemeral, "EphemeralVolumeSource"),
	OBJECT("image", image, "ImageVolumeSource"),
	END
};
