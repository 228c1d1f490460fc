#!/bin/sh
# Makes the next default model, from the one before it and two CC BY clips, by the way that every model goes: labelled
# pictures, a dataset version, training, the choice at held-out places, export, card, and the gate against the one in use.
# usage: models/recipes/default.sh SHARED_FOLDER [WORK_FOLDER]      (needs the train extra; CPU)
# The one before it, default@1, is taken from this repository's history. RETRACE=1 makes that, too, from COCO's weights on,
# so that nothing is left out of the history: the same file byte for byte, or exit 4; and lets it sit the gate beside those
# weights. RETRACE=only stops there, and writes its card anew.
# PARENT=FILE.onnx goes on from another model.
# Each step is done once: started again with the same WORK_FOLDER it goes on where it was ended, training within a run too.
# Exit 3: nothing better was found, or the gate refused it; what ships was not changed. To begin anew, delete WORK_FOLDER.
# SHORT=1 goes the same way with a few pictures and never touches what ships: it proves the way, not the model.
set -eu
# With wider registers sums are rounded otherwise and another file comes out: all of it is made as by processors with AVX2.
export ATEN_CPU_CAPABILITY=avx2 ONEDNN_MAX_CPU_ISA=AVX2
shared=$(cd "$1" && pwd)
work=${2:-runs/default}
version=2
parent=e57057316f988f811f0749c500d2a3de364e6534 # git's hash of the weights of default@1
taught=e79f8d221961 # the version of the dataset that it learned from
start=$shared/models/yolov8n-coco.pt
people=$shared/data/one-by-one.mp4
cars=$shared/data/cars.mp4
if [ -n "${SHORT:-}" ]; then
    form=short thin=20 count=8 before=8 held=4 passes=1 size=160 judged=80 sizes="[160]" seconds=4 asked="--sizes 160"
else
    form=whole thin=1 count=480 before=320 held=40 passes=2 size=320 judged=1 sizes="[320, 480]" seconds=30 asked=
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
imported() { # FOLDER CAMERA ORIGIN
    tapal dataset import "$work/$1" --format yolo --out "$work/labelled/$1" --camera "$2" --licence "CC BY 4.0" \
        --origin "$3"
}
intel="Intel sample videos, github.com/intel-iot-devkit/sample-videos"
drawn="people of one-by-one on desk, road and drawn piers"
for part in "" -held; do
    step "import-desk$part" imported "desk$part" desk "one-by-one-person-detection, $intel"
    step "import-road$part" imported "road$part" cars "car-detection, $intel"
done
# Two videos have no second day: who judges was kept apart by person and by time, and the version says so of itself.
built() { # NAME HELD-COMPOSITES COMPOSITES...
    name_of_set=$1 held_too=$2
    shift 2
    tapal dataset build "$work/labelled/desk" "$work/labelled/road" "$@" \
        --held "$work/labelled/desk-held" --held "$work/labelled/road-held" --held "$held_too" \
        --name "$name_of_set" --keep-repeats --split-within-a-day --out "$work/datasets"
}
trained() { # OUT DATASET START OPTION...
    out=$work/$1 data=$2/data.yaml from=$3 resume=
    shift 3
    [ ! -e "$out/weights/last.pt" ] || resume=--resume
    tapal model train "$data" --start "$from" --out "$out" --size "$size" --batch 8 --learning-rate 1e-4 "$@" $resume
}
# Boats, which the training lacks, and cars must stay seen, and nobody be seen on the road, where nobody is. Nothing is
# learned from those clips, they only refuse.
lacking="kept:
  - {video: $shared/data/boats.mp4, label: boat, every: $((10 * thin))}
  - {video: $cars, label: car, every: $((8 * thin))}"
road="  - {video: $cars, every: $((4 * thin))}"
# The gate's exam, of each model beside the one before it: people and crossings of a place that nobody trained on, of the
# sample feed, and of ferry landings that were drawn for this alone; what must stay seen; nobody on the road and at sea.
landed() {
    tapal dataset places "$people" --landings --out "$work/landings" --count 2 --seconds "$((seconds * 2 / 3))" --seed 12
}
examined() {
    step landings landed
    cat > "$work/exam.yaml" <<EXAM
sizes: $sizes
clips:
  - {video: $shared/data/pets09-s2l1.avi, truth: $shared/data/pets09-s2l1-frames-1-400.gt.txt, camera: yard, every: $judged}
  - {video: $(pwd)/datasets/sample/pier.mp4, truth: $(pwd)/datasets/sample/pier.gt.txt, camera: pier, every: $judged}
  - {video: landings/landing-1.mp4, truth: landings/landing-1.gt.txt, camera: landing-1, every: $judged}
  - {video: landings/landing-2.mp4, truth: landings/landing-2.gt.txt, camera: landing-2, every: $judged}
scenes:
  - {video: $shared/data/pets09-s2l1.avi, crossings: $shared/data/pets09-s2l1.crossings.json}
  - {video: $(pwd)/datasets/sample/pier.mp4, crossings: $(pwd)/datasets/sample/pier.yaml}
  - {video: landings/landing-1.mp4, crossings: landings/landing-1.yaml}
  - {video: landings/landing-2.mp4, crossings: landings/landing-2.yaml}
$lacking
  - {video: $people, label: person, size: 320, every: $((25 * thin))}
  - {video: $people, label: person, size: 480, every: $((25 * thin))}
empty:
$road
  - {video: $shared/data/boats.mp4, every: $((5 * thin))}
EXAM
}
answered() { # EXIT FILE WORDS: whether a command granted or, in these words, refused; 1 is also how a program breaks
    [ "$1" = 0 ] || { [ "$1" = 1 ] && grep -q "$3" "$2"; }
}
judged() { # CANDIDATE VERSION CHAMPION NAME: the verdict, 0 or 1, is kept in NAME; anything else ends the recipe
    verdict=0
    tapal model promote "$1" --exam "$work/exam.yaml" --name default --version "$2" --against "$3" \
        --registry "$work/$4-registry" > "$work/$4.txt" || verdict=$?
    cat "$work/$4.txt"
    answered "$verdict" "$work/$4.txt" "REFUSED" || return "$verdict"
    echo "$verdict" > "$work/$4-verdict"
}

# default@1: two of four planned passes, then 30 % of the change, as more forgot ships and full-size people. Of the version
# of its dataset and of the file itself the hash is known, so that other pictures are seen before an hour is spent on them.
if [ -n "${RETRACE:-}" ]; then
    step first-composites tapal dataset composites "$people" --base "$work/road" --base "$work/desk" \
        --out "$work/composites-first" --count "$before" --seed 1
    step first-composites-held tapal dataset composites "$people" --base "$work/road-held" --base "$work/desk-held" \
        --out "$work/composites-first-held" --count "$held" --seed 2 --held-out
    step first-import imported composites-first drawn "$drawn"
    step first-import-held imported composites-first-held drawn-held "$drawn"
    step first-dataset built default-1 "$work/labelled/composites-first-held" "$work/labelled/composites-first"
    first=$(echo "$work"/datasets/default-1@*)
    if [ $form = whole ] && [ "${first##*@}" != $taught ]; then
        echo "The pictures are not those that default@1 learned from: default-1@${first##*@}, not default-1@$taught. Another" \
            "version of OpenCV or numpy may draw them otherwise, or their drawing was changed (docs/training.md)." >&2
        exit 4
    fi
    step first-train trained default-1 "$first" "$start" --epochs 4 --stop-after 2 --distillation 1.0 --share 0.3
    mkdir -p "$work/held"
    ln -sfn "$first/images/val" "$work/held/images"
    ln -sfn "$first/labels/val" "$work/held/labels"
    step first-calibrate tapal model calibrate "$work/default-1/weights/averaged.pt" --start "$start" \
        --pictures "$work/held" --out "$work/default-1.pt"
    made=$work/default-1/default.onnx
    step first-export tapal model export "$work/default-1.pt" --version 1 --frames "$people" --out "$made"
    if [ $form = whole ]; then
        if [ "$(git hash-object "$made")" != $parent ]; then
            echo "$made is not default@1: git's hash of it is $(git hash-object "$made"), not $parent. Other versions of" \
                "torch or Ultralytics than its card names, or another kind of processor, may be why. It was not judged." >&2
            exit 4
        fi
        echo "$made is default@1, byte for byte."
    fi
    step export-start tapal model export "$start" --out "$work/start.onnx"
    examined
    step first-gate judged "$made" 1 "$work/start.onnx" first-gate
    if [ "$RETRACE" = only ]; then
        if [ "$(cat "$work/first-gate-verdict")" = 1 ]; then
            echo "The gate refused default@1 beside COCO's weights; see $work/first-gate.txt." >&2
            exit 3
        fi
        step first-card tapal model card models/recipes/default-1.yaml --model "$made" --start "$work/start.onnx" \
            --run "$work/default-1/run.json" --promotion "$work/first-gate-registry/default/1/card.json" \
            --shared "$shared" --out "$work/default-1/cards" --every "$judged"
        if [ $form = whole ] && cmp -s "$made" models/weights/default.onnx; then
            cp "$work"/default-1/cards/default.* models/cards/
            echo "It is what ships, and models/cards has its card of today."
        fi
        echo "default@1 was made again and passed the gate beside COCO's weights: $made, $work/first-gate.txt."
        exit
    fi
    PARENT=$made
fi
parent() { # the weights of default@1, that can be trained further
    if [ -n "${PARENT:-}" ]; then
        cp "$PARENT" "$work/parent.onnx"
    elif ! git cat-file blob $parent > "$work/parent.onnx"; then
        echo "This clone's history lacks default@1: run git fetch --unshallow, or set RETRACE=1 or PARENT=FILE.onnx" >&2
        return 2
    fi
    tapal model restore "$work/parent.onnx" --like "$start" --out "$work/parent.pt"
}
step parent parent
# Posts, signs, bags and plants stand among the people, for else all that is small and upright would be one.
things="--clutter --smallest 28"
step composites tapal dataset composites "$people" --base "$work/road" --base "$work/desk" --out "$work/composites" \
    --count "$count" --seed 5 $things
step composites-plain tapal dataset composites "$people" --base "$work/road" --base "$work/desk" \
    --out "$work/composites-plain" --count "$count" --seed 3
step composites-held tapal dataset composites "$people" --base "$work/road-held" --base "$work/desk-held" \
    --out "$work/composites-held" --count "$held" --seed 2 --held-out $things
step import-composites imported composites drawn "$drawn"
step import-composites-held imported composites-held drawn-held "$drawn"
step import-composites-plain imported composites-plain drawn-plain "$drawn"
step dataset built default "$work/labelled/composites-held" "$work/labelled/composites" "$work/labelled/composites-plain"
dataset=$(echo "$work"/datasets/default@*)
step stats tapal dataset stats "$dataset" --plot "$work/dataset.svg"
# The pictures teach what a person is; what they say of boats, of which they have none, is nothing.
step train trained run "$dataset" "$work/parent.pt" --epochs "$passes" --distillation 1.0 --teach person --seed 3
# How much of the training is kept is decided at places that the exam does not know: the held-out person walks there,
# among things of which some are of kinds that no training saw. The confidence stays as it was, for drawings say in what a
# model got better, not how sure it should be. The exam itself is sat once, by what was chosen. No more than a third of
# the way is asked for: what a few drawings teach is not the world.
placed() {
    tapal dataset places "$people" --base "$work/road-held" --base "$work/desk-held" --out "$work/places" \
        --count 4 --seconds "$seconds" --seed 11 $asked
    printf '%s\nempty:\n%s\n' "$lacking" "$road" >> "$work/places/exam.yaml"
}
step places placed
chosen() { # the verdict, 0 or 1, is kept; anything else ends the recipe
    verdict=0
    tapal model select "$work/run/weights/averaged.pt" --champion "$work/parent.pt" --exam "$work/places/exam.yaml" \
        --share 0.1 --share 0.2 --share 0.3 --confidence 0.25 \
        --pictures "$work/composites-held" --pictures "$work/desk-held" \
        --out "$work/default.pt" > "$work/selection.txt" || verdict=$?
    cat "$work/selection.txt"
    answered "$verdict" "$work/selection.txt" "the champion stays" || return "$verdict"
    [ "$verdict-$form" != 1-short ] || cp "$work/run/weights/averaged.pt" "$work/default.pt" # a few pictures teach little
    echo "$verdict" > "$work/chosen"
}
step select chosen
if [ "$(cat "$work/chosen")-$form" = 1-whole ]; then
    echo "No share of the training was better at the held-out places, so no exam was sat; see $work/selection.txt." >&2
    exit 3
fi
step export tapal model export "$work/default.pt" --version "$version" --frames "$people" --out "$work/weights/default.onnx"
examined
step gate judged "$work/weights/default.onnx" "$version" models/weights/default.onnx gate
refused() {
    grep REFUSED "$work/gate.txt" >&2
    echo "The gate refused default@$version, so nothing that ships was changed; see $work/gate.txt." >&2
    exit 3
}
passed=$(cat "$work/gate-verdict")
[ "$passed-$form" != 1-whole ] || refused # the card takes as long as the gate, and only what ships needs one
step export-start tapal model export "$start" --out "$work/start.onnx"
said=
[ "$passed" = 1 ] || said="--promotion $work/gate-registry/default/$version/card.json"
step card tapal model card models/recipes/default.yaml --model "$work/weights/default.onnx" --start "$work/start.onnx" \
    --version "$version" --selection "$work/default.json" --shared "$shared" --out "$work/cards" --every "$judged" $said
[ "$passed" = 0 ] || refused
if [ $form = short ]; then
    echo "The way is whole, the short form ships nothing; its model and card are in $work/weights and $work/cards."
else
    cp "$work/weights/default.onnx" models/weights/default.onnx
    cp "$work"/cards/default.* models/cards/
    echo "default@$version passed the gate and took the place of the model in use: models/weights, models/cards."
fi
