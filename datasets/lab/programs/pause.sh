# Sourced by command lines: `pause LOW HIGH` sleeps a random time (seconds) in between.
RANDOM=$((SEED % 32767))
pause() { sleep "$(awk -v a="$1" -v b="$2" -v r="$RANDOM" 'BEGIN{print a+(b-a)*r/32767}')"; }
