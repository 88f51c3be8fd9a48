#!/usr/bin/env bash
# Fail if the cluster can't pull the images of a release. helmfile runs this before it changes anything: otherwise the
# pods would wait for their image until Helm's time is over, and nothing would say why.
# Arguments: the context of kubectl (empty: the current one), the namespace, the release, a pod of its images.
set -euo pipefail
kubectl=(kubectl ${1:+"--context=$1"} "--namespace=$2")
release=$3

# A failed pull has one of these reasons; a slow one is still ContainerCreating.
status='{{.status.phase}}:{{if .spec.nodeName}}placed{{end}}:{{range .status.containerStatuses}}{{$image := .image}}
{{- with .state.waiting}}{{if eq .reason "ErrImagePull" "ImagePullBackOff" "InvalidImageName" "ErrImageNeverPull"
    "ImageInspectError" "RegistryUnavailable" "SignatureValidationFailed"}}
{{- printf "%s: %s\n" $image (or .message .reason)}}{{end}}{{end}}{{end}}'

"${kubectl[@]}" get namespace "$2" >/dev/null 2>&1 || "${kubectl[@]}" create namespace "$2" >/dev/null
pod=$("${kubectl[@]}" create --filename=- --output=name <<<"$4")
trap '"${kubectl[@]}" delete "$pod" --ignore-not-found --timeout=30s >/dev/null' EXIT

# It does not wait longer than Helm does, and only a minute for a node that takes the pod.
for ((second = 0; second < 600; second++)); do
    IFS=: read -r -d '' phase placed fault < <("${kubectl[@]}" get "$pod" --output=go-template="$status" && printf '\0')
    if [[ $fault ]]; then
        advice="The values of $release name it."
        if [[ $release == superbill ]]; then
            advice='`make push` builds and pushes it, and names it in charts/values/image.yaml.'
        fi
        cat >&2 <<END
The cluster can't pull the image ${fault%$'\n'}
The release $release was not changed. $advice
For a registry with a password, name its secret in $release.imagePullSecrets.
END
        exit 1
    fi
    if [[ $phase != Pending || ($second -ge 60 && ! $placed) ]]; then exit; fi
    sleep 1
done
