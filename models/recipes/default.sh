#!/bin/sh
# Makes the default model again, from the starting weights and two CC BY clips, by the way that every model goes: labelled
# pictures, a dataset version, training, calibration, export, card, and the gate against the default model in use.
# usage: models/recipes/default.sh SHARED_FOLDER [WORK_FOLDER]      (needs the train extra; CPU)
# Each step is done once: started again with the same WORK_FOLDER it goes on where it was ended, training within a run too.
# Exit 3: the gate refused the new model; nothing that ships was changed. To begin anew, delete WORK_FOLDER.
# SHORT=1 goes the same way with a few pictures and never touches what ships: it proves the way, not the model.
set -eu
shared=$(cd "$1" && pwd)
work=${2:-runs/default}
version=2
start=$shared/models/yolov8n-coco.pt
people=$shared/data/one-by-one.mp4
cars=$shared/data/cars.mp4
if [ -n "${SHORT:-}" ]; then
    form=short thin=20 count=8 held=4 passes=1 planned=1 size=160 judged=80 sizes="[160]"
else
    form=whole thin=1 count=320 held=40 passes=2 planned=4 size=320 judged=1 sizes="[320, 480]"
fi
marks=$work/done
mkdir -p "$marks"
work=$(cd "$work" && pwd)
marks=$work/done
if [ "$(cat "$work/form" 2>/dev/null || echo $form)" != $form ]; then
    echo "$work holds a run of another form ($(cat "$work/form")): give another WORK_FOLDER" >&2
    exit 2
fi
echo $form > "$work/form"

step() { # NAME COMMAND...: do it unless it was done; where it fails, its own message says why
    name=$1
    shift
    if [ -e "$marks/$name" ]; then
        echo "[$name] was done before"
        return
    fi
    echo "[$name] $(date -u +%H:%M:%S)"
    "$@"
    touch "$marks/$name"
}

# Persons 1-4 and 6 and the first 290 frames of the road teach; person 5 and the rest of the road judge.
frames() { # FOLDER VIDEO EVERY RANGE...
    tapal dataset frames "$2" --out "$work/$1" --every $(($3 * thin)) $4
}
step desk-early frames desk "$people" 20 "--last 889"
step desk-late frames desk "$people" 20 "--first 1215"
step road frames road "$cars" 4 "--last 289"
step desk-held frames desk-held "$people" 25 "--first 922 --last 1200"
step road-held frames road-held "$cars" 6 "--first 300"
for folder in desk road desk-held road-held; do
    step "label-$folder" tapal model label "$work/$folder" --weights "$start"
done
step composites tapal dataset composites "$people" --base "$work/road" --base "$work/desk" --out "$work/composites" \
    --count "$count" --seed 1
step composites-held tapal dataset composites "$people" --base "$work/road-held" --base "$work/desk-held" \
    --out "$work/composites-held" --count "$held" --seed 2 --held-out

imported() { # FOLDER CAMERA ORIGIN
    tapal dataset import "$work/$1" --format yolo --out "$work/labelled/$1" --camera "$2" --licence "CC BY 4.0" \
        --origin "$3"
}
intel="Intel sample videos, github.com/intel-iot-devkit/sample-videos"
for part in "" -held; do
    step "import-desk$part" imported "desk$part" desk "one-by-one-person-detection, $intel"
    step "import-road$part" imported "road$part" road "car-detection, $intel"
    step "import-composites$part" imported "composites$part" "drawn$part" "people of one-by-one on desk, road and drawn piers"
done
# Two videos have no second day: who judges was kept apart by person and by time, and the version says so of itself.
step dataset tapal dataset build "$work/labelled/desk" "$work/labelled/road" "$work/labelled/composites" \
    --held "$work/labelled/desk-held" --held "$work/labelled/road-held" --held "$work/labelled/composites-held" \
    --name default --keep-repeats --split-within-a-day --out "$work/datasets"
dataset=$(echo "$work"/datasets/default@*)
step stats tapal dataset stats "$dataset" --plot "$work/dataset.svg"

# Two of four planned passes, then 30 % of the change: more learns the composites and forgets ships and full-size people.
train() {
    resume=
    [ ! -e "$work/run/weights/last.pt" ] || resume=--resume
    tapal model train "$dataset/data.yaml" --start "$start" --out "$work/run" --epochs "$planned" --stop-after "$passes" \
        --size "$size" --batch 8 --learning-rate 1e-4 --distillation 1.0 --share 0.3 $resume
}
step train train
# Judged as one folder, at every size: the pictures that proved while training.
mkdir -p "$work/held"
ln -sfn "$dataset/images/val" "$work/held/images"
ln -sfn "$dataset/labels/val" "$work/held/labels"
step calibrate tapal model calibrate "$work/run/weights/averaged.pt" --start "$start" --pictures "$work/held" \
    --out "$work/default.pt"
step export tapal model export "$work/default.pt" --version "$version" --frames "$people" --out "$work/weights/default.onnx"
step export-start tapal model export "$start" --out "$work/start.onnx"
step card tapal model card models/recipes/default.yaml --model "$work/weights/default.onnx" --start "$work/start.onnx" \
    --version "$version" --shared "$shared" --out "$work/cards" --every "$judged"

# The gate: people and crossings of a place that nobody trained on, and the sample feed, against the model in use.
cat > "$work/exam.yaml" <<EXAM
sizes: $sizes
clips:
  - {video: $shared/data/pets09-s2l1.avi, truth: $shared/data/pets09-s2l1-frames-1-400.gt.txt, camera: yard, every: $judged}
  - {video: $(pwd)/datasets/sample/pier.mp4, truth: $(pwd)/datasets/sample/pier.gt.txt, camera: pier, every: $judged}
scenes:
  - {video: $shared/data/pets09-s2l1.avi, crossings: $shared/data/pets09-s2l1.crossings.json}
  - {video: $(pwd)/datasets/sample/pier.mp4, crossings: $(pwd)/datasets/sample/pier.yaml}
EXAM
gate() { # its verdict, 0 or 1, is kept; anything else ends the recipe
    verdict=0
    tapal model promote "$work/weights/default.onnx" --exam "$work/exam.yaml" --name default --version "$version" \
        --against models/weights/default.onnx --registry "$work/registry" > "$work/gate.txt" || verdict=$?
    cat "$work/gate.txt"
    [ "$verdict" -le 1 ] || return "$verdict"
    echo "$verdict" > "$work/verdict"
}
step gate gate
if [ "$(cat "$work/verdict")" != 0 ]; then
    grep REFUSED "$work/gate.txt" >&2
    echo "The gate refused default@$version, so nothing that ships was changed; see $work/gate.txt." >&2
    exit 3
fi
if [ $form = short ]; then
    echo "The way is whole, the short form ships nothing; its model and card are in $work/weights and $work/cards."
else
    cp "$work/weights/default.onnx" models/weights/default.onnx
    cp "$work"/cards/default.* models/cards/
    echo "default@$version passed the gate and took the place of the model in use: models/weights, models/cards."
fi
